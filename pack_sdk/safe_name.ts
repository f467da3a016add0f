import { isPrintable } from "./printable.ts";

/**
 * Whether a file name in a pack stays below the pack's folder on every operating system, and can be shown.
 */
export function isSafeName(name: string): boolean {
  if (/[\\:]/.test(name) || !isPrintable(name)) return false;
  return name.split("/").every((part) => part !== "" && part !== "." && part !== "..");
}
