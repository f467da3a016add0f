import assert from "node:assert/strict";
import { DenizenError } from "../errors.ts";
import { LostRanges } from "./lost_ranges.ts";

const error = (name: string) => new DenizenError("storage", name);
const lostIn = (ranges: LostRanges, to: number) =>
  Array.from({ length: to }, (_, i) => i + 1).filter((position) => ranges.find(position) !== undefined);

Deno.test("positions are lost in the ranges that were added, and nowhere else", () => {
  const ranges = new LostRanges(10);
  ranges.add(2, 3, error("first"));
  ranges.add(6, 6, error("second"));
  assert.deepEqual(lostIn(ranges, 10), [2, 3, 6]);
  assert.equal(ranges.find(3)?.message, "first");
  assert.equal(ranges.find(6)?.message, "second");
});

Deno.test("ranges that touch become one", () => {
  const ranges = new LostRanges(10);
  ranges.add(1, 3, error("first"));
  ranges.add(4, 5, error("second"));
  assert.equal(ranges.size, 1);
  assert.deepEqual(lostIn(ranges, 7), [1, 2, 3, 4, 5]);
});

Deno.test("beyond its bound the oldest ranges grow together, and nothing lost is forgotten", () => {
  const ranges = new LostRanges(3);
  for (let i = 0; i < 10; i++) ranges.add(i * 10 + 1, i * 10 + 2, error(String(i)));
  assert.equal(ranges.size, 3);
  const lost = new Set(lostIn(ranges, 100));
  for (let i = 0; i < 10; i++) assert.ok(lost.has(i * 10 + 1) && lost.has(i * 10 + 2));
  assert.ok(!lost.has(99) && !lost.has(85));
});
