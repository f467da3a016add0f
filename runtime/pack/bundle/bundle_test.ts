import { sha256 } from "@denizen/pack-sdk";
import assert from "node:assert/strict";
import { join } from "node:path";
import { DenizenError, type ErrorCode } from "../../errors.ts";
import { bundlePack, signBundle, stripBundle } from "./bundle.ts";
import { inspectPack } from "./inspect.ts";
import { openPackFiles } from "./pack_files.ts";
import { planPack } from "../carrier_choice.ts";

import { verifyPack } from "../verify.ts";
import { writeZip } from "./zip_writer.ts";

type Bytes = Uint8Array<ArrayBuffer>;
const encode = (value: string): Bytes => new TextEncoder().encode(value);
const WASM = "wasm32-unknown-unknown";
const LINUX = "x86_64-unknown-linux-gnu", ARM = "aarch64-unknown-linux-gnu";
const module: Bytes = new Uint8Array([0, 0x61, 0x73, 0x6d, 1, 0, 0, 0]);

/** The beginning of a library for Linux; `machine` is its processor. */
function elf(machine: number): Bytes {
  const bytes = new Uint8Array(100);
  bytes.set([0x7f, 0x45, 0x4c, 0x46, 2]);
  bytes[18] = machine;
  return bytes;
}

const FILES = [
  ["wasm/text.wasm", "wasm32", module],
  [`lib/${LINUX}/text.so`, LINUX, elf(0x3e)],
  [`lib/${ARM}/text.so`, ARM, elf(0xb7)],
] as const;

class Scratch implements AsyncDisposable {
  private constructor(readonly folder: string) {}

  static async make(): Promise<Scratch> {
    return new Scratch(await Deno.makeTempDir({ prefix: "bundle-" }));
  }

  async write(name: string, bytes: Bytes): Promise<string> {
    const path = join(this.folder, name);
    await Deno.mkdir(join(path, ".."), { recursive: true });
    await Deno.writeFile(path, bytes);
    return path;
  }

  /** A built folder of all three files. */
  async pack(): Promise<string> {
    const files = [];
    for (const [path, target, bytes] of FILES) {
      await this.write(`text/target/${path}`, bytes);
      const carrier = target === "wasm32" ? "wasm" : "native";
      files.push({ path, carrier, target, bytes: bytes.length, sha256: await sha256(bytes) });
    }
    const template = {
      name: "text.words",
      inports: ["input"],
      outports: ["output"],
      types: { input: "string" },
    };
    const manifest = { denizen_pack: 1, name: "text", version: "1.0.0", abi: "1.0", license: "MIT" };
    const text = JSON.stringify({ ...manifest, templates: [template], files });
    await this.write("text/target/manifest.json", encode(text));
    return join(this.folder, "text");
  }

  async bundle(): Promise<string> {
    return await this.write("text.pack", (await bundlePack(await this.pack())).bytes);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Deno.remove(this.folder, { recursive: true });
  }
}

async function rejects(promise: Promise<unknown>, code: ErrorCode, pattern: RegExp): Promise<void> {
  await assert.rejects(promise, (error: unknown) => {
    assert.ok(error instanceof DenizenError, String(error));
    assert.equal(error.code, code, error.message);
    assert.match(error.message, pattern);
    return true;
  });
}

async function newKeys(): Promise<{ keys: CryptoKeyPair; text: string }> {
  const keys = await crypto.subtle.generateKey("Ed25519", true, ["sign", "verify"]) as CryptoKeyPair;
  const raw = new Uint8Array(await crypto.subtle.exportKey("raw", keys.publicKey));
  return { keys, text: raw.toBase64() };
}

Deno.test("a bundle of a folder is the same pack, and the same bytes each time", async () => {
  await using scratch = await Scratch.make();
  const folder = await scratch.pack();
  const { bytes, manifest } = await bundlePack(folder);
  assert.deepEqual([manifest.name, manifest.abi], ["text", "1.0"]);
  assert.deepEqual((await bundlePack(folder)).bytes, bytes);
  const path = await scratch.write("text.pack", bytes);
  const { path: _, kind, ...contents } = await inspectPack(path);
  const { path: __, kind: folderKind, ...ofFolder } = await inspectPack(folder);
  assert.deepEqual([kind, folderKind], ["bundle", "folder"]);
  assert.deepEqual(contents, ofFolder);
  assert.deepEqual(contents.files.map(({ looksLike }) => looksLike), [
    "not a valid WebAssembly module",
    "linux x86_64",
    "linux aarch64",
  ]);
  assert.deepEqual(contents.templates?.[0]?.types, { input: "string" });
});

Deno.test("a file that was changed is neither bundled nor signed nor stripped", async () => {
  await using scratch = await Scratch.make();
  const folder = await scratch.pack();
  await scratch.write("text/target/wasm/text.wasm", new Uint8Array([...module, 0]));
  await rejects(bundlePack(folder), "pack_untrusted", /differs from its manifest/);
  await rejects(signBundle(folder, (await newKeys()).keys), "pack_untrusted", /differs from its manifest/);
  await rejects(stripBundle(folder, { keep: [WASM] }), "pack_untrusted", /differs from its manifest/);
});

Deno.test("a signature is put in, and put in again by another key", async () => {
  await using scratch = await Scratch.make();
  const path = await scratch.bundle();
  for (const { keys, text } of [await newKeys(), await newKeys()]) {
    await Deno.writeFile(path, await signBundle(path, keys));
    assert.equal((await openPackFiles(path)).signedBy, text);
  }
  const names = (await (await openPackFiles(path)).entries()).map(([name]) => name);
  assert.deepEqual(names.slice(0, 2), ["manifest.json", "manifest.sig"]);
});

Deno.test("a pack whose files have no hashes cannot be signed", async () => {
  await using scratch = await Scratch.make();
  const manifest = {
    manifest_version: 1,
    name: "ml",
    version: "0.1.0",
    targets: { [WASM]: { file: "ml.wasm" } },
  };
  const zip = writeZip([["manifest.json", encode(JSON.stringify(manifest))], ["ml.wasm", module]]);
  const path = await scratch.write("ml.rflpack", zip);
  await rejects(signBundle(path, (await newKeys()).keys), "pack_untrusted", /no hash of a file.*ml\.wasm/);
  const single = await scratch.write("one.wasm", module);
  await rejects(
    signBundle(single, (await newKeys()).keys),
    "pack_unreadable",
    /without a manifest: one\.wasm/,
  );
});

Deno.test("targets are taken out, the manifest is right again, and the signature is gone", async () => {
  await using scratch = await Scratch.make();
  const path = await scratch.bundle();
  await Deno.writeFile(path, await signBundle(path, (await newKeys()).keys));
  const same = await stripBundle(path, { keep: [WASM, LINUX, ARM] });
  assert.deepEqual([same.removed, same.signatureDropped], [[], false]);
  const shrink = (target: string, bytes: Bytes) =>
    Promise.resolve(target === LINUX ? bytes.slice(0, 80) : bytes);
  const stripped = await stripBundle(path, { keep: [WASM, LINUX], shrink });
  assert.deepEqual(stripped.removed, [{ target: ARM, file: `lib/${ARM}/text.so`, bytes: 100 }]);
  assert.deepEqual(stripped.shrunk, [{ target: LINUX, before: 100, after: 80 }]);
  assert.equal(stripped.signatureDropped, true);
  const small = await openPackFiles(await scratch.write("small.pack", stripped.bytes));
  assert.deepEqual([...small.targets.keys()], [WASM, LINUX]);
  assert.equal((await small.read(LINUX)).bytes.length, 80);
  assert.equal(small.signedBy, undefined);
  const text = new TextDecoder().decode((await small.entries())[0]![1]);
  assert.equal(JSON.parse(text).license, "MIT");
  await rejects(
    stripBundle(path, { keep: ["riscv64"] }),
    "pack_incompatible",
    /no file for riscv64: it has wasm32/,
  );
  await rejects(stripBundle(path, { keep: [] }), "pack_incompatible", /any target that is kept/);
});

Deno.test("targets are taken out of a pack of Reflow's too", async () => {
  await using scratch = await Scratch.make();
  const manifest = {
    manifest_version: 1,
    name: "ml",
    version: "0.1.0",
    authors: ["Somebody"],
    targets: { [WASM]: { file: "ml.wasm" }, [LINUX]: { file: "ml.so" } },
  };
  const zip = writeZip([
    ["manifest.json", encode(JSON.stringify(manifest))],
    ["ml.wasm", module],
    ["ml.so", elf(0x3e)],
  ]);
  const path = await scratch.write("ml.rflpack", zip);
  const { bytes } = await stripBundle(path, { keep: [WASM] });
  const small = await openPackFiles(await scratch.write("small.rflpack", bytes));
  assert.deepEqual((await small.entries()).map(([name]) => name), ["manifest.json", "ml.wasm"]);
  assert.deepEqual([...small.targets.keys()], [WASM]);
});

Deno.test("the key that must have signed a pack is checked even if none of its files runs", async () => {
  await using scratch = await Scratch.make();
  const path = await scratch.bundle();
  await Deno.writeFile(path, (await stripBundle(path, { keep: [LINUX] })).bytes);
  const mine = await newKeys();
  await rejects(verifyPack(path, { key: mine.text }), "pack_untrusted", /it is not signed/);
  await Deno.writeFile(path, await signBundle(path, (await newKeys()).keys));
  await rejects(verifyPack(path, { key: mine.text }), "pack_untrusted", /another key signed it/);
  await Deno.writeFile(path, await signBundle(path, mine.keys));
  assert.equal((await verifyPack(path, { key: mine.text })).signedBy, mine.text);
});

Deno.test("the place where a pack would run is known without running it", async () => {
  await using scratch = await Scratch.make();
  const path = await scratch.bundle();
  const rights = { ffi: true, run: true };
  const isolation = async (request: object) =>
    (await planPack({ path, ...request }, rights)).choice.isolation;
  assert.equal(await isolation({}), "worker");
  assert.equal(await isolation({ trusted: true }), "wasm");
  if (Deno.build.target === LINUX) assert.equal(await isolation({ trusted: true, native: true }), "native");
  await rejects(planPack({ path, mode: "native" }, rights), "pack_denied", /"native": true|no library/);
  await rejects(planPack({ path, key: "AAAA" }, rights), "pack_untrusted", /it is not signed/);
});
