/**
 * JSON in the module's memory: `checkValue` validates all of it once, and later readers trust its syntax.
 * Pointers are to UTF-8 text; a string's pointer is that of its opening quote.
 */

export const DEPTH_MAX: u32 = 256;

const ELEMENT_NAMES: StaticArray<string> = [
  "$bytes", "$i8", "$u16", "$i16", "$u32", "$i32", "$f32", "$f64", "$i64", "$u64",
];
const ELEMENT_SIZES: StaticArray<u32> = [1, 1, 2, 2, 4, 4, 4, 8, 8, 8];

export function elementName(element: i32): string {
  return ELEMENT_NAMES[element];
}

export function elementSize(element: i32): u32 {
  return ELEMENT_SIZES[element];
}

export function isUtf8(from: usize, length: usize): bool {
  const end = from + length;
  let p = from;
  while (p < end) {
    if (end - p >= 8 && (load<u64>(p) & 0x8080808080808080) == 0) {
      p += 8;
      continue;
    }
    const c = <u32> load<u8>(p++);
    if (c < 0x80) continue;
    const more: usize = c >= 0xf0 ? 3 : c >= 0xe0 ? 2 : 1;
    if (c < 0xc2 || c > 0xf4 || end - p < more) return false;
    const next = <u32> load<u8>(p);
    if (c == 0xe0 && next < 0xa0 || c == 0xed && next > 0x9f || c == 0xf0 && next < 0x90 || c == 0xf4 && next > 0x8f) {
      return false;
    }
    for (let i: usize = 0; i < more; i++) {
      if ((load<u8>(p++) & 0xc0) != 0x80) return false;
    }
  }
  return true;
}

// Validation: the current position, the end of the text, and the bytes of attachments after the text.

let at: usize = 0;
let end: usize = 0;
let room: u64 = 0;

export function startCheck(from: usize, to: usize, attachments: u64): void {
  at = from;
  end = to;
  room = attachments;
}

export function checkedUpTo(): usize {
  return at;
}

// @ts-ignore: decorator
@inline
function isSpace(c: u8): bool {
  return c == 32 || c == 10 || c == 13 || c == 9;
}

// @ts-ignore: decorator
@inline
function isDigit(c: u8): bool {
  return c >= 48 && c <= 57;
}

export function checkSpace(): void {
  while (at < end && isSpace(load<u8>(at))) at++;
}

export function checkChar(c: u8): bool {
  if (at >= end || load<u8>(at) != c) return false;
  at++;
  return true;
}

function isHex(c: u8): bool {
  return isDigit(c) || (c | 32) >= 97 && (c | 32) <= 102;
}

function checkString(): bool {
  if (!checkChar(34)) return false;
  while (at < end && load<u8>(at) != 34) {
    const c = load<u8>(at++);
    if (c < 32) return false;
    if (c != 92) continue;
    if (at >= end) return false;
    const escaped = load<u8>(at++);
    if (escaped == 117) {
      for (let i = 0; i < 4; i++, at++) {
        if (at >= end || !isHex(load<u8>(at))) return false;
      }
    } else if (
      escaped != 34 && escaped != 92 && escaped != 47 && escaped != 98 && escaped != 102 && escaped != 110 &&
      escaped != 114 && escaped != 116
    ) return false;
  }
  return checkChar(34);
}

function checkDigits(): bool {
  const from = at;
  while (at < end && isDigit(load<u8>(at))) at++;
  return at > from;
}

function checkNumber(): bool {
  checkChar(45);
  if (!checkChar(48) && !checkDigits()) return false;
  if (checkChar(46) && !checkDigits()) return false;
  if (checkChar(101) || checkChar(69)) {
    if (!checkChar(43)) checkChar(45);
    return checkDigits();
  }
  return true;
}

function checkWord(word: string): bool {
  for (let i = 0; i < word.length; i++) {
    if (!checkChar(<u8> word.charCodeAt(i))) return false;
  }
  return true;
}

function checkScalar(): bool {
  switch (load<u8>(at)) {
    case 34: return checkString();
    case 116: return checkWord("true");
    case 102: return checkWord("false");
    case 110: return checkWord("null");
    default: return checkNumber();
  }
}

export function checkKey(): bool {
  checkSpace();
  if (!checkString()) return false;
  checkSpace();
  return checkChar(58);
}

/** A whole number of at most ten digits, or -1. */
function checkSize(): i64 {
  checkSpace();
  const from = at;
  if (!checkDigits() || at - from > 10 || load<u8>(from) == 48 && at - from > 1) return -1;
  let size: i64 = 0;
  for (let p = from; p < at; p++) size = size * 10 + load<u8>(p) - 48;
  checkSpace();
  return size;
}

const IS_OBJECT = 0, IS_ATTACHMENT = 1, IS_WRONG = 2, IS_WRONG_IF_ALONE = 3;

/** Before the first key of an object: what the object is. Goes past it if it is an attachment. */
function checkAttachment(): i32 {
  const key = at;
  if (at + 1 >= end || load<u8>(at, 1) != 36 && load<u8>(at, 1) != 92 || !checkString()) {
    at = key;
    return IS_OBJECT;
  }
  const finding = checkReference(elementNamed(key));
  if (finding != IS_ATTACHMENT) at = key;
  return finding;
}

function checkReference(element: i32): i32 {
  if (element < 0) return IS_OBJECT;
  checkSpace();
  if (!checkChar(58)) return IS_WRONG;
  checkSpace();
  if (!checkChar(91)) return IS_WRONG_IF_ALONE;
  const offset = checkSize();
  if (offset < 0 || !checkChar(44)) return IS_WRONG_IF_ALONE;
  const length = checkSize();
  if (length < 0 || !checkChar(93)) return IS_WRONG_IF_ALONE;
  checkSpace();
  if (!checkChar(125)) return IS_OBJECT;
  const size = <u64> length * ELEMENT_SIZES[element];
  if (offset % 8 != 0 || <u64> offset > room || size > room - <u64> offset) return IS_WRONG;
  return IS_ATTACHMENT;
}

const OPEN_LIST: u8 = 1, SUSPECT: u8 = 2;
const open = new StaticArray<u8>(DEPTH_MAX);

/** Whether one value stands here, with its attachments inside the frame. Without recursion. */
export function checkValue(): bool {
  let depth: u32 = 0;
  while (true) {
    checkSpace();
    if (at >= end) return false;
    const c = load<u8>(at);
    let opened = false;
    if (c == 123 || c == 91) {
      if (depth == DEPTH_MAX) return false;
      const list = c == 91;
      at++;
      checkSpace();
      if (!checkChar(c + 2)) {
        const finding = list ? IS_OBJECT : checkAttachment();
        if (finding == IS_WRONG) return false;
        if (finding != IS_ATTACHMENT) {
          open[depth++] = (list ? OPEN_LIST : 0) | (finding == IS_WRONG_IF_ALONE ? SUSPECT : 0);
          if (!list && !checkKey()) return false;
          opened = true;
        }
      }
    } else if (!checkScalar()) return false;
    if (opened) continue;
    while (true) {
      if (depth == 0) return true;
      const state = open[depth - 1], list = (state & OPEN_LIST) != 0;
      checkSpace();
      if (checkChar(44)) {
        open[depth - 1] = state & ~SUSPECT;
        if (!list && !checkKey()) return false;
        break;
      }
      if (!checkChar(list ? 93 : 125) || (state & SUSPECT) != 0) return false;
      depth--;
    }
  }
}

// Walking over what was checked.

export function skipSpace(p: usize): usize {
  while (isSpace(load<u8>(p))) p++;
  return p;
}

export function skipString(p: usize): usize {
  for (p++; load<u8>(p) != 34; p++) {
    if (load<u8>(p) == 92) p++;
  }
  return p + 1;
}

export function skipValue(p: usize): usize {
  const first = load<u8>(p);
  if (first == 34) return skipString(p);
  if (first != 123 && first != 91) {
    while (true) {
      const c = load<u8>(p);
      if (c == 44 || c == 125 || c == 93 || isSpace(c)) return p;
      p++;
    }
  }
  let depth = 0;
  while (true) {
    const c = load<u8>(p);
    if (c == 34) {
      p = skipString(p);
      continue;
    }
    if (c == 123 || c == 91) depth++;
    p++;
    if ((c == 125 || c == 93) && --depth == 0) return p;
  }
}

/** The element of the object at `p` if it is an attachment, or -1. */
export function elementAt(p: usize): i32 {
  if (load<u8>(p) != 123) return -1;
  const quote = skipSpace(p + 1);
  if (load<u8>(quote) != 34) return -1;
  const element = elementNamed(quote);
  if (element < 0) return -1;
  const value = skipSpace(skipSpace(skipString(quote)) + 1);
  return load<u8>(skipSpace(skipValue(value))) == 125 ? element : -1;
}

function elementNamed(quote: usize): i32 {
  const first = load<u8>(quote, 1);
  if (first != 36 && first != 92) return -1;
  for (let element = 0; element < ELEMENT_NAMES.length; element++) {
    if (stringIs(quote, ELEMENT_NAMES[element])) return element;
  }
  return -1;
}

export function stringIs(quote: usize, text: string): bool {
  let p = quote + 1;
  let i = 0;
  while (true) {
    const c = load<u8>(p++);
    if (c == 34) return i == text.length;
    if (c == 92 || c >= 0x80) return decodeString(quote) == text;
    if (i >= text.length || <u16> c != <u16> text.charCodeAt(i++)) return false;
  }
}

/** A string's text without escapes. A lone surrogate becomes U+FFFD. */
export function decodeString(quote: usize): string {
  const from = quote + 1;
  let p = from;
  while (load<u8>(p) != 34 && load<u8>(p) != 92) p++;
  if (load<u8>(p) == 34) return String.UTF8.decodeUnsafe(from, p - from);
  let text = "";
  p = from;
  while (load<u8>(p) != 34) {
    let run = p;
    while (load<u8>(run) != 34 && load<u8>(run) != 92) run++;
    if (run > p) text += String.UTF8.decodeUnsafe(p, run - p);
    p = run;
    if (load<u8>(p) != 92) break;
    const c = load<u8>(p, 1);
    if (c != 117) {
      text += String.fromCharCode(c == 98 ? 8 : c == 102 ? 12 : c == 110 ? 10 : c == 114 ? 13 : c == 116 ? 9 : c);
      p += 2;
      continue;
    }
    const unit = decodeUnit(p + 2);
    p += 6;
    const low = unit >= 0xd800 && unit < 0xdc00 && load<u8>(p) == 92 && load<u8>(p, 1) == 117 ? decodeUnit(p + 2) : 0;
    if (low >= 0xdc00 && low < 0xe000) {
      text += String.fromCharCode(unit, low);
      p += 6;
    } else text += String.fromCharCode(unit >= 0xd800 && unit < 0xe000 ? 0xfffd : unit);
  }
  return text;
}

function decodeUnit(p: usize): i32 {
  let unit = 0;
  for (let i = 0; i < 4; i++) {
    const c = <i32> load<u8>(p + i);
    unit = unit * 16 + (c <= 57 ? c - 48 : (c | 32) - 87);
  }
  return unit;
}
