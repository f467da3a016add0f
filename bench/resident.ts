/** Resident memory of this process after a full garbage collection; needs `--v8-flags=--expose-gc`. */
export function residentBytes(): number {
  const { gc } = globalThis as { gc?: () => void };
  if (gc === undefined) {
    throw new Error("Cannot measure memory as gc is hidden: run with --v8-flags=--expose-gc");
  }
  gc();
  gc();
  return Deno.memoryUsage().rss;
}
