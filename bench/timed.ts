/** Times what is repeated, in the measured process itself, so that starting it is not counted. */

/** Seconds of the second of two runs: the first, of a fifth as many, is the warm-up. */
export async function secondsOf(
  count: number,
  run: (count: number) => void | Promise<void>,
): Promise<number> {
  await run(Math.ceil(count / 5));
  const started = performance.now();
  await run(count);
  return (performance.now() - started) / 1_000;
}
