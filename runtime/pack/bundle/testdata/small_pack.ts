/** A pack of one WebAssembly file, as a bundle that tests change and open. */
import { sha256 } from "@denizen/pack-sdk";
import assert from "node:assert/strict";
import { join } from "node:path";
import { DenizenError, type ErrorCode } from "../../../errors.ts";
import { writeZip } from "../zip_writer.ts";

type Bytes = Uint8Array<ArrayBuffer>;
export const encode = (value: string): Bytes => new TextEncoder().encode(value);
export const WASM = "wasm32-unknown-unknown";
export const module: Bytes = new Uint8Array([0, 0x61, 0x73, 0x6d, 1, 0, 0, 0]);

export async function inFolder(body: (folder: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir({ prefix: "pack-files-" });
  try {
    await body(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

export async function rejects(promise: Promise<unknown>, code: ErrorCode, pattern: RegExp): Promise<void> {
  await assert.rejects(promise, (error: unknown) => {
    assert.ok(error instanceof DenizenError, String(error));
    assert.equal(error.code, code, error.message);
    assert.match(error.message, pattern);
    return true;
  });
}

export const fileEntry = async (changes: Record<string, unknown> = {}) => ({
  path: "wasm/text.wasm",
  carrier: "wasm",
  target: "wasm32",
  bytes: module.length,
  sha256: await sha256(module),
  ...changes,
});

export const manifestFor = async (changes: Record<string, unknown> = {}) => ({
  denizen_pack: 1,
  name: "text",
  version: "1.0.0",
  abi: "1.0",
  files: [await fileEntry()],
  templates: [{ name: "text.tokenize", inports: ["input"], outports: ["output"] }],
  ...changes,
});

export async function bundle(
  folder: string,
  changes: Record<string, unknown> = {},
  files: Record<string, Bytes> = {},
): Promise<string> {
  const path = join(folder, "text.pack");
  const manifest = encode(JSON.stringify(await manifestFor(changes)));
  const all = { "manifest.json": manifest, "wasm/text.wasm": module, ...files };
  await Deno.writeFile(path, writeZip(Object.entries(all)));
  return path;
}
