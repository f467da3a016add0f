/** Whether a file's name stays below the folder it is looked for in, on every system: a name that does not would reach anything. */
export function isSafeName(name: string): boolean {
  // deno-lint-ignore no-control-regex -- control characters are what is looked for
  if (/[\\:\x00-\x1f]/.test(name)) return false;
  return name.split("/").every((part) => part !== "" && part !== "." && part !== "..");
}
