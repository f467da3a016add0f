/**
 * Whether a file's name stays inside the folder it is joined to, on every system: any other name could reach
 * any file.
 */
export function isSafeName(name: string): boolean {
  if (/[\\:\p{Cc}\p{Bidi_Control}]/u.test(name) || !name.isWellFormed()) return false;
  return name.split("/").every((part) => part !== "" && part !== "." && part !== "..");
}
