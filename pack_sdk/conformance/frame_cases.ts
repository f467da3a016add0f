import assert from "node:assert/strict";
import { candidates, type Case, checkResult, type Subject, withPack } from "./subject.ts";
import type { RawPack } from "./raw_pack.ts";
import { chance, encodeSample, frameOf } from "./sample.ts";
import { mutate, NOT_UTF8, notUtf8, wrongFrames } from "./wrong_frames.ts";

const FEATURE_SPANS = 1 << 4;
const FUZZ_ROUNDS = 5_000;
const CAPACITY = 512;

function refuses(pack: RawPack, what: string, frame: Uint8Array, status: number): void {
  const instance = pack.create(0);
  assert.equal(pack.tick(instance, frame, CAPACITY).status, status, what);
  checkResult(pack, instance, { status, out: new Uint8Array() }, CAPACITY);
  pack.destroy(instance);
}

function fuzz(subject: Subject, pack: RawPack): void {
  const random = chance(subject.seed), list = candidates(subject, pack);
  const rich = encodeSample({
    input: {
      input: [new Uint8Array(9), new Float32Array(3), { text: 'é\n"', deep: [[[{ a: -1.5e-7 }]]] }],
      k: 3,
    },
    config: { size: 100, name: "x" },
  });
  const instances = list.map(({ factory }) => pack.create(factory));
  for (let round = 0; round < FUZZ_ROUNDS; round++) {
    const choice = Math.floor(random() * list.length), { frame, name } = list[choice]!;
    const mutant = mutate(random() < 0.5 ? rich : frame, random);
    try {
      const result = pack.tick(instances[choice]!, mutant, CAPACITY);
      checkResult(pack, instances[choice]!, result, CAPACITY);
    } catch (cause) {
      throw new Error(`Round ${round} with seed ${subject.seed} on "${name}": ${(cause as Error).message}`, {
        cause,
      });
    }
  }
}

export const FRAME_CASES: readonly Case[] = [
  {
    name: "answers -3 to frames that are wrong",
    run: (subject) =>
      withPack(subject, (pack) => {
        for (const [what, frame] of wrongFrames()) refuses(pack, what, frame, -3);
        const instance = pack.create(0);
        const { status } = pack.tick(instance, frameOf('{"input":{}}'), CAPACITY, true);
        assert.equal(status, -3, "a frame that is not aligned");
      }),
  },
  {
    name: "answers -2 to a payload that is not UTF-8",
    run: (subject) =>
      withPack(subject, (pack) => {
        for (const bytes of NOT_UTF8) refuses(pack, `the bytes ${bytes}`, notUtf8(bytes), -2);
      }),
  },
  {
    name: "takes a payload with spaces, with fields it does not know, and without an input",
    run: (subject) =>
      withPack(subject, (pack) => {
        const instance = pack.create(0);
        for (
          const json of [
            "{}",
            ' { "more" : [ 1 , null ] , "input" : { } , "config" : null }\n',
            '{"input":{},"config":{}}',
          ]
        ) {
          const { status } = pack.tick(instance, frameOf(json), CAPACITY);
          assert.ok(status !== -2 && status !== -3, `${json} was refused with ${status}`);
        }
      }),
  },
  {
    name: "takes attachments outside of the frame, where it says that it can, and only inside their spans",
    run: (subject) =>
      withPack(subject, (pack) => {
        if (pack.kind === "wasm" || !(pack.features() & FEATURE_SPANS)) return;
        const instance = pack.create(0), spans = [new Uint8Array(8), new Uint8Array(40_000)];
        const status = (pair: string, name = "$bytes") => {
          const frame = frameOf(`{"input":{"input":{"${name}":${pair}}}}`);
          const result = pack.tickSpans(instance, frame, spans, CAPACITY);
          checkResult(pack, instance, result, CAPACITY);
          return result.status;
        };
        for (const pair of ["[0,0]", "[4294967296,8]", "[8589934592,40000]", "[8589934600,39992]"]) {
          assert.ok(![-2, -3].includes(status(pair)), `${pair} was refused`);
        }
        for (
          const pair of [
            "[0,1]",
            "[4294967296,9]",
            "[4294967300,1]",
            "[8589934592,40001]",
            "[12884901888,0]",
            "[9007199254740984,1]",
          ]
        ) assert.equal(status(pair), -3, pair);
        assert.equal(status("[8589934592,5001]", "$f64"), -3);
      }),
  },
  {
    name: "survives frames that chance made",
    run: (subject) => withPack(subject, (pack) => fuzz(subject, pack)),
  },
];
