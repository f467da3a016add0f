import assert from "node:assert/strict";
import { candidates, type Case, checkResult, takeAll, withPack } from "./subject.ts";
import { decodeFrame, frameOf } from "./sample.ts";

const FEATURE_THREADS = 1 << 1;
const NOBODY = 0x7fff_fff0;
const encoder = new TextEncoder();

export const INSTANCE_CASES: readonly Case[] = [
  {
    name: "makes no instance of a factory that it does not have",
    run: (subject) =>
      withPack(subject, (pack) => {
        for (const factory of [1 << 20, 0x7fff_ffff, 0xffff_ffff]) assert.equal(pack.create(factory), 0);
      }),
  },
  {
    name: "ignores destroying an instance twice, and one that never was",
    run: (subject) =>
      withPack(subject, (pack) => {
        const first = pack.create(0), second = pack.create(0);
        for (const instance of [first, first, 0, NOBODY, first]) pack.destroy(instance);
        const third = pack.create(0);
        assert.ok(third !== 0 && third !== second, "the id of a living instance was given out again");
        pack.destroy(first);
        assert.notEqual(
          pack.tick(third, frameOf('{"input":{}}'), 64).status,
          -1,
          "an old id ended a new instance",
        );
      }),
  },
  {
    name: "answers -1 for an instance that it does not have",
    run: (subject) =>
      withPack(subject, (pack) => {
        const gone = pack.create(0);
        pack.destroy(gone);
        for (const instance of [0, gone, NOBODY]) {
          assert.equal(pack.tick(instance, frameOf('{"input":{}}'), 64).status, -1);
          assert.equal(pack.take(instance, 64).status, -1);
          assert.equal(pack.run(instance, encoder.encode('{"input":{}}')).status, -1);
        }
      }),
  },
  {
    name: "keeps a result that does not fit, until it is taken",
    run: (subject) =>
      withPack(subject, (pack) => {
        for (const { factory, frame } of candidates(subject, pack)) {
          const instance = pack.create(factory);
          const { status } = pack.tick(instance, frame, 0);
          if (status <= 0) continue;
          const small = pack.take(instance, status - 1);
          assert.equal(small.status, status, "take does not say how long the result is");
          decodeFrame(takeAll(pack, instance, status), status);
          assert.equal(pack.take(instance, 64).status, 0, "a result can be taken twice");
        }
      }),
  },
  {
    name: "answers plain JSON with plain JSON",
    run: (subject) =>
      withPack(subject, (pack) => {
        for (const { name, factory } of candidates(subject, pack)) {
          const instance = pack.create(factory);
          const { status, out } = pack.run(instance, encoder.encode('{"input":{}}'));
          assert.ok(status <= 0 && status >= -99, `"${name}" answered with ${status}`);
          const value = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(out));
          assert.equal(typeof value, "object");
          if (status !== 0) assert.equal(typeof value.error, "string", `"${name}" failed without a text`);
          pack.destroy(instance);
        }
      }),
  },
  {
    name: "ticks many instances at once, where it says that it can",
    run: (subject) =>
      withPack(subject, async (pack) => {
        if (pack.kind === "wasm" || !(pack.features() & FEATURE_THREADS)) return;
        const turns = candidates(subject, pack).flatMap((candidate) =>
          Array.from({ length: 8 }, () => candidate)
        );
        await Promise.all(turns.map(async ({ factory, frame }) => {
          for (let life = 0; life < 5; life++) {
            const instance = pack.create(factory);
            for (let i = 0; i < 20; i++) {
              const result = await pack.tickAsync(instance, frame, 4096);
              checkResult(pack, instance, result, 4096);
            }
            pack.destroy(instance);
          }
        }));
      }),
  },
];
