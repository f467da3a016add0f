/**
 * Classifies code points for word segmentation. Coarse, without tables: scripts are recognised by their
 * blocks.
 */

export function isSpace(c: i32): bool {
  return c == 32 || c >= 9 && c <= 13 || c == 0x85 || c == 0xa0 || c == 0x1680 || c >= 0x2000 && c <= 0x200a ||
    c == 0x2028 || c == 0x2029 || c == 0x202f || c == 0x205f || c == 0x3000;
}

export function isDigit(c: i32): bool {
  return c >= 48 && c <= 57;
}

/** Scripts that are written without spaces: every character counts as a word. */
export function isIdeograph(c: i32): bool {
  return c >= 0x3040 && c <= 0x30ff || c >= 0x3400 && c <= 0x4dbf || c >= 0x4e00 && c <= 0x9fff || c >= 0xf900 && c <= 0xfaff ||
    c >= 0x20000 && c <= 0x323af || c == 0x3005 || c == 0x3007;
}

export function isWord(c: i32): bool {
  if (c < 0x80) return isDigit(c) || (c | 32) >= 97 && (c | 32) <= 122 || c == 95;
  if (c < 0x100) return c == 0xaa || c == 0xb5 || c == 0xba || c >= 0xc0 && c != 0xd7 && c != 0xf7;
  if (isSpace(c)) return false;
  if (c >= 0x2000 && c < 0x2c00) return c >= 0x200c && c <= 0x200d || c >= 0x2100 && c < 0x2190;
  if (c >= 0x2e00 && c < 0x2e80 || c >= 0x3000 && c < 0x3040) return isIdeograph(c);
  if (c >= 0xd800 && c < 0xf900 || c >= 0xfe10 && c < 0xfe70) return false;
  if (c >= 0xff00 && c < 0xfff0) return c >= 0xff10 && c <= 0xff19 || c >= 0xff21 && c <= 0xff3a || c >= 0xff41 && c <= 0xff5a || c >= 0xff66 && c <= 0xffdc;
  if (c == 0x37e || c == 0x387 || c >= 0x55a && c <= 0x55f || c == 0x589 || c == 0x5be || c == 0x60c || c == 0x61b || c == 0x61f || c == 0x6d4 || c == 0x964 || c == 0x965) return false;
  return !(c >= 0x1f000 && c < 0x20000);
}

/** Characters allowed inside a word, between two letters: apostrophes and the middle dot. */
export function joinsLetters(c: i32): bool {
  return c == 39 || c == 0x2019 || c == 0xb7;
}

/** Characters allowed inside a number, between two digits. */
export function joinsDigits(c: i32): bool {
  return c == 46 || c == 44 || c == 39;
}

export function endsSentence(c: i32): bool {
  return c == 46 || c == 33 || c == 63 || c == 0x2026 || c == 0x3002 || c == 0xff01 || c == 0xff1f || c == 0x61f || c == 0x964;
}

/** Quotes and brackets that belong to the sentence before them. */
export function closes(c: i32): bool {
  return c == 34 || c == 39 || c == 41 || c == 93 || c == 0x2019 || c == 0x201d || c == 0xbb || c == 0x300d || c == 0x300f || c == 0xff09;
}

export function width(c: i32): i32 {
  return c > 0xffff ? 2 : 1;
}
