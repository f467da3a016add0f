/**
 * How much a run does. Everything is bounded in count and time; a tiny run only proves that the benchmark
 * works.
 */
export interface Scale {
  readonly tiny: boolean;
  readonly rounds: number;
  readonly warmupSeconds: number;
  readonly seconds: number;
  /** Processes of the "many processes" figure. */
  readonly processes: number;
  /** New keyed processes, each with its first durable write. */
  readonly newProcesses: number;
  /** Sequential calls of one measurement. */
  readonly calls: number;
  /** Active idle processes whose memory is measured. */
  readonly population: number;
  /** Stored processes a node starts with. */
  readonly stored: number;
  /** Calls of a pack's actor with a small payload. */
  readonly ticks: number;
  /** The same with a payload of a megabyte. */
  readonly largeTicks: number;
  /** How often a pack is loaded in one process. */
  readonly loads: number;
  /** Actors of one pack whose memory is measured. */
  readonly instances: number;
  /** Vectors that are searched. */
  readonly vectors: number;
  readonly searches: number;
  /** MiB to hash: hashing is so much faster than the other work on bytes. */
  readonly hashed: number;
  /** MiB to compress, and how often a text is split into words. */
  readonly mebibytes: number;
}

export const FULL: Scale = {
  tiny: false,
  rounds: 3,
  warmupSeconds: 2,
  seconds: 4,
  processes: 1_000,
  newProcesses: 10_000,
  calls: 1_000_000,
  population: 100_000,
  stored: 10_000,
  ticks: 400_000,
  largeTicks: 4_000,
  loads: 20,
  instances: 10_000,
  vectors: 100_000,
  searches: 60,
  hashed: 4_096,
  mebibytes: 128,
};

export const TINY: Scale = {
  tiny: true,
  rounds: 1,
  warmupSeconds: 0.05,
  seconds: 0.1,
  processes: 20,
  newProcesses: 40,
  calls: 200,
  population: 300,
  stored: 40,
  ticks: 200,
  largeTicks: 5,
  loads: 2,
  instances: 200,
  vectors: 500,
  searches: 2,
  hashed: 4,
  mebibytes: 2,
};
