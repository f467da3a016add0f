import { sha256 } from "@denizen/pack-sdk";
import assert from "node:assert/strict";
import { join } from "node:path";
import { DenizenError } from "../../errors.ts";
import { createLog, silentSink } from "../../log.ts";
import { LibraryCache } from "./library_cache.ts";

const module: Uint8Array<ArrayBuffer> = new Uint8Array([0, 0x61, 0x73, 0x6d, 1, 0, 0, 0]);
const silent = createLog(silentSink, () => 0);

async function inFolder(body: (folder: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir({ prefix: "library-cache-" });
  try {
    await body(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

Deno.test("a cached library that was changed between runs is noticed and unpacked again", () =>
  inFolder(async (folder) => {
    const warnings: string[] = [];
    const log = createLog(({ message }) => void warnings.push(message), () => 0);
    const cache = new LibraryCache(join(folder, "cache"), log);
    const hash = await sha256(module);
    let unpacked = 0;
    const unpack = () => Promise.resolve((unpacked++, module));
    assert.deepEqual(await cache.get(hash, unpack), module);
    assert.deepEqual(await cache.get(hash, unpack), module);
    assert.equal(unpacked, 1);
    await Deno.writeTextFile(join(folder, "cache", hash), "poison");
    assert.deepEqual(await cache.get(hash, unpack), module);
    assert.deepEqual([unpacked, warnings.length], [2, 1]);
    assert.deepEqual(await Deno.readFile(join(folder, "cache", hash)), module);
  }));

Deno.test("a cached library that is not a file is an error with its path", () =>
  inFolder(async (folder) => {
    const hash = await sha256(module);
    await Deno.mkdir(join(folder, hash));
    const cache = new LibraryCache(folder, silent);
    await assert.rejects(cache.get(hash, () => Promise.resolve(module)), (error) => {
      assert.ok(error instanceof DenizenError);
      assert.equal(error.code, "pack_unreadable");
      assert.match(error.message, /Cannot read a cached library as/);
      return true;
    });
  }));

Deno.test("a library is opened from a copy of its own, which goes away", () =>
  inFolder(async (folder) => {
    const cache = new LibraryCache(folder, silent);
    const first = await cache.place(module), second = await cache.place(module);
    assert.notEqual(first.path, second.path);
    assert.deepEqual(await Deno.readFile(first.path), module);
    await first[Symbol.asyncDispose]();
    await second[Symbol.asyncDispose]();
    assert.deepEqual([...Deno.readDirSync(folder)], []);
  }));
