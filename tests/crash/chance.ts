/** Random numbers that repeat: a failure is found again with the seed that was printed. */
import { VirtualClock } from "@denizen/runtime/testing";

export class Chance {
  readonly seed: number;
  readonly #clock: VirtualClock;

  constructor(seed: number) {
    this.seed = seed;
    this.#clock = new VirtualClock({ seed });
  }

  /** A whole number from `min` to `max`, both included. */
  from(min: number, max: number): number {
    return min + Math.floor(this.#clock.random() * (max - min + 1));
  }

  /** Waits up to `max` milliseconds, so that the time of a kill does not depend on what the node has done. */
  moment(max: number): Promise<void> {
    return new Promise((resolve) => setTimeout(resolve, this.#clock.random() * max));
  }
}

/**
 * Runs a test with the seed in `CRASH_SEED`, or a random one; the seed is printed and named in the failure.
 */
export async function withChance(test: string, body: (chance: Chance) => Promise<void>): Promise<void> {
  const given = Deno.env.get("CRASH_SEED");
  const seed = given === undefined ? crypto.getRandomValues(new Uint32Array(1))[0]! : Number(given);
  console.log(`${test}: CRASH_SEED=${seed}`);
  try {
    await body(new Chance(seed));
  } catch (cause) {
    throw new Error(`with CRASH_SEED=${seed}: ${cause instanceof Error ? cause.message : cause}`, { cause });
  }
}
