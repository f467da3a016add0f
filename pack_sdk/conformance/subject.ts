/** The pack under test, as the cases need it. */
import assert from "node:assert/strict";
import { type PackDescription, parseDescription } from "../metadata.ts";
import type { RawPack, RawResult } from "./raw_pack.ts";
import { decodeFrame, encodeSample, type Sample } from "./sample.ts";

export interface Subject {
  /** A fresh one each time: a library or a module that was just opened. */
  open(): RawPack;
  /** By template. A template without one is given an empty input. */
  readonly samples: Readonly<Record<string, Sample>>;
  /** Templates that are not run, and why. */
  readonly skip: Readonly<Record<string, string>>;
  /** The seed of random values; printed with a failure. */
  readonly seed: number;
  /** How many ticks the leak test runs. */
  readonly ticks: number;
}

export interface Case {
  /** What the case checks, as a sentence about the pack. */
  readonly name: string;
  run(subject: Subject): void | Promise<void>;
}

/** One template that may be run. */
export interface Candidate {
  readonly name: string;
  readonly factory: number;
  readonly frame: Uint8Array;
  readonly sample: Sample;
}

export function describe(pack: RawPack): PackDescription {
  const { status, text } = pack.describe();
  assert.equal(status, 0, `describe answered with status ${status}`);
  return parseDescription(text);
}

export function candidates(subject: Subject, pack: RawPack): Candidate[] {
  return describe(pack).templates.map(({ name }, factory) => {
    const sample = subject.samples[name] ?? {};
    return { name, factory, sample, frame: encodeSample(sample) };
  }).filter(({ name }) => !(name in subject.skip));
}

/** Opens, registers, runs the body, and always shuts down and closes. */
export async function withPack<T>(subject: Subject, body: (pack: RawPack) => T | Promise<T>): Promise<T> {
  const pack = subject.open();
  try {
    assert.equal(pack.register(() => 0).status, 0, "register did not answer with 0");
    return await body(pack);
  } finally {
    pack.shutdown();
    pack.close();
  }
}

/** The allowed results of a tick: a readable result, or a failure with a readable text. */
export function checkResult(pack: RawPack, instance: number, result: RawResult, capacity: number): void {
  const { status, out } = result;
  if (status === 0) return;
  if (status > 0) {
    const bytes = status <= capacity ? out : takeAll(pack, instance, status);
    const value = decodeFrame(bytes, status);
    assert.ok(
      typeof value === "object" && value !== null && !Array.isArray(value),
      "the result is not an object",
    );
    return;
  }
  assert.ok(status >= -99, `the status is not in the contract: ${status}`);
  const kept = pack.take(instance, 4096);
  if (kept.status === -1) return;
  assert.ok(kept.status > 0, `a tick failed with ${status} and left no error`);
  const error = decodeFrame(
    kept.status <= 4096 ? kept.out : takeAll(pack, instance, kept.status),
    kept.status,
  );
  assert.equal(typeof error.error, "string", 'the error frame has no text under "error"');
}

export function takeAll(pack: RawPack, instance: number, length: number): Uint8Array {
  const taken = pack.take(instance, length);
  assert.equal(
    taken.status,
    length,
    `take answered with ${taken.status} and not with what was kept: ${length}`,
  );
  return taken.out;
}
