/** Times a repeated action inside the measured process, so that starting the process is not counted. */

/** Seconds of the second of two runs; the first, with a fifth as many repetitions, is the warm-up. */
export async function secondsOf(
  count: number,
  run: (count: number) => void | Promise<void>,
): Promise<number> {
  await run(Math.ceil(count / 5));
  const started = performance.now();
  await run(count);
  return (performance.now() - started) / 1_000;
}
