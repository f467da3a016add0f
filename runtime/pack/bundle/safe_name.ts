/** Whether a file's name stays below the folder it is looked for in, on every system: a name that does not would reach anything. */
export function isSafeName(name: string): boolean {
  if (/[\\:\p{Cc}\p{Bidi_Control}]/u.test(name) || !name.isWellFormed()) return false;
  return name.split("/").every((part) => part !== "" && part !== "." && part !== "..");
}
