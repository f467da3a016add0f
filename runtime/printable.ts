/** Texts that people see in logs and on terminals. */

/**
 * What a terminal would act on, what changes the direction of text, and what begins another line. The same
 * characters that `@denizen/pack-sdk` refuses in names.
 */
const UNPRINTABLE = /[\p{Cc}\p{Bidi_Control}\u2028\u2029]+/gu;

export function isPrintable(text: string): boolean {
  return text.search(UNPRINTABLE) === -1;
}

/** The text with a space in place of each run of unprintable characters. */
export function withoutUnprintable(text: string): string {
  return text.replace(UNPRINTABLE, " ").trim();
}

/** The text with `\u…` in place of each unprintable character. */
export function escapeUnprintable(text: string): string {
  const escape = (character: string) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;
  return text.replace(UNPRINTABLE, (run) => [...run].map(escape).join(""));
}
