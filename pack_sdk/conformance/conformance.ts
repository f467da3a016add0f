/**
 * Checks that a built pack follows `ABI.md`. Authors of packs run it, in any language:
 *
 *   for (const { name, run } of conformance("target/wasm/hello.wasm")) Deno.test(`hello: ${name}`, run);
 *
 *   deno run -A jsr:@denizen/pack-sdk/conformance target/wasm/hello.wasm
 *
 * A native pack that breaks the contract can crash the process, which is a result too.
 *
 * @module
 */
import { FRAME_CASES } from "./frame_cases.ts";
import { INSTANCE_CASES } from "./instance_cases.ts";
import { LOADING_CASES } from "./loading_cases.ts";
import { MEMORY_CASES } from "./memory_cases.ts";
import { openRawNative } from "./raw_native.ts";
import { openRawWasm } from "./raw_wasm.ts";
import type { Sample } from "./sample.ts";
import type { Case, Subject } from "./subject.ts";

export type { Sample } from "./sample.ts";

export interface ConformanceOptions {
  /** Inputs by template. A template without one is given an empty input. */
  readonly samples?: Readonly<Record<string, Sample>>;
  /** Templates that are not run, and why not. */
  readonly skip?: Readonly<Record<string, string>>;
  /** The seed of random values. Default: the time. */
  readonly seed?: number;
  /** How many ticks of each template the leak test runs. Default: 10,000. */
  readonly ticks?: number;
}

export interface ConformanceCase {
  /** What the case checks, as a sentence about the pack. */
  readonly name: string;
  readonly run: () => Promise<void>;
}

const CASES: readonly Case[] = [...LOADING_CASES, ...MEMORY_CASES, ...INSTANCE_CASES, ...FRAME_CASES];

/** The cases for one file, to be run in sequence. */
export function conformance(file: string, options: ConformanceOptions = {}): ConformanceCase[] {
  let module: WebAssembly.Module | undefined;
  const subject: Subject = {
    open: () => {
      if (!file.endsWith(".wasm")) return openRawNative(file);
      return openRawWasm(module ??= new WebAssembly.Module(Deno.readFileSync(file)));
    },
    samples: options.samples ?? {},
    skip: options.skip ?? {},
    seed: options.seed ?? Date.now() % 1_000_000,
    ticks: options.ticks ?? 10_000,
  };
  return CASES.map(({ name, run }) => ({ name, run: async () => await run(subject) }));
}

if (import.meta.main) {
  let failed = 0;
  for (const file of Deno.args) {
    for (const { name, run } of conformance(file)) {
      try {
        await run();
        console.log(`ok      ${name}`);
      } catch (error) {
        failed++;
        console.log(`failed  ${name}: ${(error as Error).message}`);
      }
    }
  }
  Deno.exit(failed === 0 ? 0 : 1);
}
