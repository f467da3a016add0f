/** Words as pairs of start and end offsets, in UTF-16 units. */
import { isDigit, isIdeograph, isWord, joinsDigits, joinsLetters, width } from "./characters";

export function wordsIn(text: string): i32[] {
  const places: i32[] = [];
  let at = 0;
  while (at < text.length) {
    const c = text.codePointAt(at);
    if (isIdeograph(c)) {
      places.push(at);
      at += width(c);
      places.push(at);
    } else if (isWord(c)) {
      places.push(at);
      at = endOfWord(text, at);
      places.push(at);
    } else at += width(c);
  }
  return places;
}

function endOfWord(text: string, at: i32): i32 {
  let before = 0;
  while (at < text.length) {
    const c = text.codePointAt(at);
    if (isWord(c) && !isIdeograph(c)) {
      before = c;
      at += width(c);
      continue;
    }
    const next = at + 1 < text.length ? text.codePointAt(at + 1) : 0;
    const joined = isDigit(before) && isDigit(next) && joinsDigits(c) ||
      joinsLetters(c) && isWord(next) && !isDigit(next) && !isIdeograph(next) && !isDigit(before);
    if (!joined) break;
    at++;
  }
  return at;
}
