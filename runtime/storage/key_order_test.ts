import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { systemClock } from "../world/clock.ts";
import { VirtualClock } from "../testing/virtual_clock.ts";
import { compareKeys, isBelow, keyId } from "./key_order.ts";

Deno.test("parts compare as their UTF-8 bytes do", () => {
  const seed = Math.floor(systemClock.random() * 2 ** 32);
  console.log(`seed ${seed}`);
  const chance = new VirtualClock({ seed });
  const alphabet = [
    "a",
    "b",
    "\0",
    "\x7f",
    "\x80",
    "ÿ",
    "Ā",
    "語",
    "\ud7ff",
    "\ue000",
    "\uffff",
    "😀",
    "𐀀",
    "\u{10ffff}",
  ];
  const part = () =>
    Array.from(
      { length: Math.floor(chance.random() * 4) },
      () => alphabet[Math.floor(chance.random() * alphabet.length)],
    )
      .join("");
  for (let i = 0; i < 20_000; i++) {
    const [a, b] = [part(), part()];
    const bytes = Buffer.compare(Buffer.from(a), Buffer.from(b));
    assert.equal(Math.sign(compareKeys([a], [b])), bytes, JSON.stringify([a, b]));
  }
});

Deno.test("a key is below its beginnings only", () => {
  assert.ok(isBelow(["a", "b"], ["a"]));
  assert.ok(isBelow(["a"], []));
  assert.ok(!isBelow(["a"], ["a"]));
  assert.ok(!isBelow(["ab", "c"], ["a"]));
});

Deno.test("ids distinguish keys with any content", () => {
  const keys = [["a", "b"], ["a,b"], ['a","b'], ["a\0b"], ["a", "", "b"]];
  assert.equal(new Set(keys.map(keyId)).size, keys.length);
});
