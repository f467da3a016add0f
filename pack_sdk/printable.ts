/** Texts of packs that people see: names, versions, ports. */

/**
 * What a terminal would act on, what changes the direction of text, and what begins another line of a log.
 */
const UNPRINTABLE = /[\p{Cc}\p{Bidi_Control}\u2028\u2029]/u;

/**
 * Names and versions go into logs, addresses and terminals unchanged, so only printable ones are accepted.
 */
export function isPrintable(text: string): boolean {
  return !UNPRINTABLE.test(text) && text.isWellFormed();
}

/** The beginning of a text, quoted and in ASCII. */
export function quoted(text: string): string {
  const escape = (character: string) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;
  return JSON.stringify(text.slice(0, 40)).replace(/[^ -~]/g, escape);
}
