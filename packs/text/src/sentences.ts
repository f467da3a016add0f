/**
 * Sentences, and pieces of limited length that end where a reader would pause. Both are pairs of offsets in
 * UTF-16 units.
 */
import { closes, endsSentence, isSpace, isWord, width } from "./characters";

const ABBREVIATIONS = new Set<string>();
const LISTED: StaticArray<string> = [
  "mr", "mrs", "ms", "dr", "prof", "st", "vs", "etc", "e.g", "i.e", "cf", "no", "vol", "fig", "approx", "inc", "ltd", "z.b", "bzw", "usw", "nr",
];
for (let i = 0; i < LISTED.length; i++) ABBREVIATIONS.add(LISTED[i]);

export function sentencesIn(text: string): i32[] {
  const places: i32[] = [];
  let from = skipSpaces(text, 0), at = from;
  while (at < text.length) {
    const end = sentenceEnd(text, at);
    if (end == 0) {
      at += width(text.codePointAt(at));
      continue;
    }
    places.push(from);
    places.push(end);
    from = at = skipSpaces(text, end);
  }
  if (from < text.length) {
    places.push(from);
    places.push(trimmedEnd(text, from, text.length));
  }
  return places;
}

/** The end of the sentence if it ends at `at`; 0 otherwise. */
function sentenceEnd(text: string, at: i32): i32 {
  const c = text.codePointAt(at);
  if (c == 10) return at + 1 < text.length && blankLineAt(text, at) ? trimmedEnd(text, 0, at) : 0;
  if (!endsSentence(c)) return 0;
  let end = at + 1;
  while (end < text.length && endsSentence(text.codePointAt(end))) end++;
  while (end < text.length && closes(text.codePointAt(end))) end++;
  if (c >= 0x3000) return end;
  if (end < text.length && !isSpace(text.codePointAt(end))) return 0;
  if (c == 46 && isAbbreviation(text, at)) return 0;
  return startsLower(text, skipSpaces(text, end)) ? 0 : end;
}

/** "Really?" she asked: text that continues in lower case is not a new sentence. */
function startsLower(text: string, at: i32): bool {
  if (at >= text.length) return false;
  const first = text.charAt(at);
  return first == first.toLowerCase() && first != first.toUpperCase();
}

function blankLineAt(text: string, at: i32): bool {
  let p = at + 1;
  while (p < text.length && isSpace(text.codePointAt(p)) && text.charCodeAt(p) != 10) p++;
  return p < text.length && text.charCodeAt(p) == 10;
}

/** A full stop after a single letter, or after a word in the list. */
function isAbbreviation(text: string, point: i32): bool {
  let from = point;
  while (from > 0 && (isWord(text.charCodeAt(from - 1)) || text.charCodeAt(from - 1) == 46)) from--;
  const word = text.substring(from, point);
  return word.length == 1 && !(word.charCodeAt(0) >= 48 && word.charCodeAt(0) <= 57) && word != "I" ||
    ABBREVIATIONS.has(word.toLowerCase());
}

export function skipSpaces(text: string, at: i32): i32 {
  while (at < text.length && isSpace(text.charCodeAt(at))) at++;
  return at;
}

function trimmedEnd(text: string, from: i32, end: i32): i32 {
  while (end > from && isSpace(text.charCodeAt(end - 1))) end--;
  return end;
}

/**
 * Pieces of at most `size` units. Each starts `overlap` units, or a little less, before the end of the one
 * before.
 */
export function segmentsIn(text: string, size: i32, overlap: i32): i32[] {
  const places: i32[] = [], sentences = sentencesIn(text);
  let from = skipSpaces(text, 0);
  while (from < text.length) {
    const end = segmentEnd(text, sentences, from, size);
    places.push(from);
    places.push(trimmedEnd(text, from, end));
    if (skipSpaces(text, end) >= text.length) break;
    const back = overlap > 0 ? wordStart(text, end - overlap, end) : end;
    from = skipSpaces(text, max(back, from + 1));
    if (from > end) from = skipSpaces(text, end);
  }
  return places;
}

/** The last end of a sentence that fits, otherwise of a word, otherwise the limit. */
function segmentEnd(text: string, sentences: i32[], from: i32, size: i32): i32 {
  const most = from + size;
  if (most >= text.length) return text.length;
  let best = 0;
  for (let i = 1; i < sentences.length && sentences[i] <= most; i += 2) best = sentences[i];
  if (best > from + size / 2) return best;
  for (let at = most; at > from + size / 2; at--) {
    if (isSpace(text.charCodeAt(at))) return at;
  }
  const c = text.charCodeAt(most);
  return c >= 0xdc00 && c < 0xe000 && most - 1 > from ? most - 1 : most;
}

/** The first start of a word between two offsets; the second offset if there is none. */
function wordStart(text: string, at: i32, end: i32): i32 {
  for (at = max(at, 1); at < end; at++) {
    if (isSpace(text.charCodeAt(at - 1)) && !isSpace(text.charCodeAt(at))) return at;
  }
  return end;
}
