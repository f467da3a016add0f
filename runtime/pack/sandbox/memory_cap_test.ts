import assert from "node:assert/strict";
import { DenizenError } from "../../errors.ts";
import { PACK_TABLE_ENTRIES_MAX } from "../../limits.ts";
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

/** A module of one section. */
function moduleOf(section: number, ...content: number[]): Uint8Array<ArrayBuffer> {
  return new Uint8Array([0, 0x61, 0x73, 0x6d, 1, 0, 0, 0, section, content.length, ...content]);
}

function refused(module: Uint8Array<ArrayBuffer>, pattern: RegExp): void {
  assert.ok(WebAssembly.validate(module), "the engine would run it");
  assert.throws(
    () => capMemory(module, 10 * PAGE),
    (error: unknown) =>
      error instanceof DenizenError && error.code === "pack_incompatible" && pattern.test(error.message),
  );
}

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

Deno.test("a second memory, which no cap would reach, is refused", () => {
  refused(moduleOf(5, 2, 0, 1, 0, 1), /more than one memory: 2/);
});

Deno.test("a memory for several threads is refused", () => {
  refused(moduleOf(5, 1, 3, 1, 2), /shared between threads/);
});

Deno.test("types of objects on the engine's heap, which no cap would reach, are refused", () => {
  refused(moduleOf(1, 1, 0x5e, 0x7f, 1), /types hold objects/);
  refused(moduleOf(1, 1, 0x5f, 1, 0x7f, 1), /types hold objects/);
  refused(moduleOf(1, 2, 0x60, 0, 0, 0x60, 1, 0x69, 0), /types hold objects/);
  refused(moduleOf(1, 1, 0x60, 0, 1, 0x63, 0x6e), /types hold objects/);
});

Deno.test("tables grow to their cap and no further, and start with no more", () => {
  const entries = [0xc0, 0x84, 0x3d];
  refused(moduleOf(4, 1, 0x6f, 0, 0x80, 0x89, 0x7a), /PACK_TABLE_ENTRIES_MAX\): 2000000/);
  refused(moduleOf(4, 2, 0x6f, 0, ...entries, 0x70, 0, 1), /1000001/);
  refused(moduleOf(4, 1, 0x69, 0, 1), /of a kind/);
  const two = moduleOf(4, 2, 0x70, 0, 5, 0x70, 1, 1, 3);
  const exported = [7, 9, 2, 1, 0x61, 1, 0, 1, 0x62, 1, 1];
  const capped = capMemory(new Uint8Array([...two, ...exported]), PAGE);
  const { a, b } = new WebAssembly.Instance(new WebAssembly.Module(capped)).exports as Record<
    string,
    WebAssembly.Table
  >;
  assert.equal(a!.grow(PACK_TABLE_ENTRIES_MAX / 2 - 5), 5);
  assert.throws(() => a!.grow(1), RangeError);
  assert.equal(b!.grow(2), 1);
  assert.throws(() => b!.grow(1), RangeError, "its own maximum is lower");
});
