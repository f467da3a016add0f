import assert from "node:assert/strict";
import { DenizenError } from "../errors.ts";
import { capMemory } from "./memory_cap.ts";

/** A module with a custom section, and a memory of these limits that it exports as "m". */
function moduleWith(...limits: number[]): Uint8Array<ArrayBuffer> {
  const custom = [0, 3, 1, 0x78, 0xff];
  const memory = [5, limits.length + 1, 1, ...limits];
  const exported = [7, 5, 1, 1, 0x6d, 2, 0];
  return new Uint8Array([0, 0x61, 0x73, 0x6d, 1, 0, 0, 0, ...custom, ...memory, ...exported]);
}

function memoryOf(bytes: Uint8Array<ArrayBuffer>): WebAssembly.Memory {
  return new WebAssembly.Instance(new WebAssembly.Module(bytes)).exports.m as WebAssembly.Memory;
}

const PAGE = 65_536;

Deno.test("a memory without a maximum grows to the cap and no further", () => {
  const memory = memoryOf(capMemory(moduleWith(0, 2), 200 * PAGE));
  assert.equal(memory.grow(198), 2);
  assert.throws(() => memory.grow(1), RangeError);
});

Deno.test("the lower one of the module's maximum and the cap holds", () => {
  assert.throws(() => memoryOf(capMemory(moduleWith(1, 2, 100), 50 * PAGE)).grow(49), RangeError);
  assert.throws(() => memoryOf(capMemory(moduleWith(1, 2, 10), 50 * PAGE)).grow(9), RangeError);
});

Deno.test("a module that starts above the cap is refused", () => {
  assert.throws(
    () => capMemory(moduleWith(0, 2), PAGE),
    (error: unknown) => error instanceof DenizenError && error.code === "pack_incompatible",
  );
});

Deno.test("a 64-bit memory and a module that is cut off are refused", () => {
  assert.throws(() => capMemory(moduleWith(4, 1), 10 * PAGE), /64-bit/);
  assert.throws(() => capMemory(moduleWith(0, 2).slice(0, 16), PAGE), /cut off/);
});

Deno.test("a module without a memory stays as it is", () => {
  const empty = new Uint8Array([0, 0x61, 0x73, 0x6d, 1, 0, 0, 0]);
  assert.equal(capMemory(empty, PAGE), empty);
});
