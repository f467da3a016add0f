/** The machine's disk. */
import type { Disk } from "./disk.ts";

export const denoDisk: Disk = {
  open: Deno.open,
  mkdir: Deno.mkdir,
  readTextFile: Deno.readTextFile,
  rename: Deno.rename,
  remove: Deno.remove,
};
