import assert from "node:assert/strict";
import { type Candidate, candidates, type Case, checkResult, type Subject, withPack } from "./subject.ts";
import type { RawPack } from "./raw_pack.ts";

const SIZES = [1, 7, 8, 9, 16, 100, 4096, 65_535, 65_536, 1_000_000];
const CAPACITY = 4096;
/** How much a garbage collector may allocate before it starts to collect. */
const SLACK_BYTES = 1024 * 1024;

function checkAllocation(pack: RawPack): void {
  const before = pack.live();
  assert.equal(pack.alloc(0), 0, "alloc(0) is not null");
  pack.free(0, 0);
  pack.free(0, 8);
  assert.equal(pack.live(), before, "freeing null counts");
  const blocks = SIZES.flatMap((size) => [size, size]).map((size, index) => {
    const at = pack.alloc(size);
    assert.notEqual(at, 0, `there is no memory for ${size} bytes`);
    assert.equal(at % 8, 0, `${size} bytes are not aligned to 8`);
    pack.fill(at, size, index + 1);
    return { at, size, byte: index + 1 };
  });
  assert.ok(pack.live() > before, "allocations are not counted");
  for (const { at, size, byte } of blocks) {
    assert.ok(pack.holds(at, size, byte), `${size} bytes overlap with others`);
  }
  for (const { at, size } of blocks) pack.free(at, size);
  assert.equal(pack.live(), before, "what was freed is still counted");
}

/** Ticks on one instance until buffers have grown to their final size. */
function checkTicks(pack: RawPack, { name, factory, frame, sample }: Candidate, ticks: number): void {
  const instance = pack.create(factory);
  const tick = (count: number) => {
    for (let i = 0; i < count; i++) {
      const result = pack.tick(instance, frame, CAPACITY);
      if (i < 10) checkResult(pack, instance, result, CAPACITY);
      else if (result.status < 0 || result.status > CAPACITY) {
        pack.take(instance, Math.max(CAPACITY, result.status));
      }
    }
  };
  tick(1000);
  const before = pack.live(), bytes = pack.memoryBytes();
  tick(ticks);
  if (!sample.grows) {
    const kept = pack.live() - before, grown = pack.memoryBytes() - bytes;
    assert.ok(kept <= 0, `"${name}" keeps memory: ${kept} allocations in ${ticks} ticks`);
    assert.ok(grown <= bytes + SLACK_BYTES, `"${name}" keeps memory: ${grown} bytes in ${ticks} ticks`);
  }
  pack.destroy(instance);
}

function checkLeaks(subject: Subject, pack: RawPack): void {
  for (const candidate of candidates(subject, pack)) {
    const turns = candidate.sample.grows ? 100 : subject.ticks;
    checkTicks(pack, candidate, 1);
    const before = pack.live();
    checkTicks(pack, candidate, turns);
    assert.ok(
      pack.live() <= before,
      `an instance of "${candidate.name}" leaves memory behind: ${pack.live() - before} allocations`,
    );
  }
}

export const MEMORY_CASES: readonly Case[] = [
  {
    name: "allocates aligned memory that does not overlap, and counts it",
    run: (subject) => withPack(subject, checkAllocation),
  },
  {
    name: "leaks nothing over many ticks",
    run: (subject) => withPack(subject, (pack) => checkLeaks(subject, pack)),
  },
  {
    name: "leaks nothing through instances that are made and destroyed",
    run: (subject) =>
      withPack(subject, (pack) => {
        const make = (count: number) => {
          const made = Array.from({ length: count }, () => pack.create(0));
          assert.equal(new Set(made).size, count, "two instances have the same id");
          made.forEach((instance) => pack.destroy(instance));
        };
        make(1000);
        const before = pack.live();
        for (let i = 0; i < 10; i++) make(1000);
        assert.ok(
          pack.live() <= before,
          `instances leave memory behind: ${pack.live() - before} allocations`,
        );
      }),
  },
  {
    name: "leaks nothing through results that are not taken",
    run: (subject) =>
      withPack(subject, (pack) => {
        for (const { name, factory, frame, sample } of candidates(subject, pack)) {
          if (sample.grows) continue;
          const instance = pack.create(factory);
          const tick = (count: number) => {
            for (let i = 0; i < count; i++) pack.tick(instance, frame, 0);
          };
          tick(100);
          const before = pack.live();
          tick(1000);
          assert.ok(
            pack.live() <= before,
            `"${name}" keeps results that were not taken: ${pack.live() - before} allocations`,
          );
          pack.destroy(instance);
        }
      }),
  },
];
