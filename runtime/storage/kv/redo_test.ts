import assert from "node:assert/strict";
import { decodeRedo, encodeRedo } from "./redo.ts";
import type { Write } from "../storage.ts";

const writes: Write[] = [
  { key: ["e", "a"], value: new Uint8Array([1, 2, 3]) },
  { key: ["e", "b", "語\0"], value: null },
  { key: ["e", "c"], value: new Uint8Array(0) },
  { key: ["e", "d"], value: new Uint8Array(70_000).fill(7) },
];

Deno.test("writes come out of a redo record as they went in", () => {
  assert.deepEqual(decodeRedo(encodeRedo(writes)), writes);
  assert.deepEqual(decodeRedo(encodeRedo([])), []);
});

Deno.test("the bytes of a redo record are those of FORMAT.md", () => {
  const bytes = encodeRedo([{ key: ["e", "a"], value: new Uint8Array([9]) }, { key: ["e"], value: null }]);
  const key = (text: string) => [...new TextEncoder().encode(text)];
  assert.deepEqual([...bytes], [
    9,
    0,
    0,
    0,
    ...key('["e","a"]'),
    2,
    0,
    0,
    0,
    9,
    5,
    0,
    0,
    0,
    ...key('["e"]'),
    0,
    0,
    0,
    0,
  ]);
});

Deno.test("a redo record that is cut anywhere but between writes is damaged", () => {
  const bytes = encodeRedo(writes.slice(0, 3));
  const ends = [1, 2, 3].map((count) => encodeRedo(writes.slice(0, count)).length);
  for (let length = 1; length < bytes.length; length++) {
    if (ends.includes(length)) continue;
    assert.throws(() => decodeRedo(bytes.subarray(0, length)), { code: "data_corrupt" }, String(length));
  }
});
