import { sha256 } from "@denizen/pack-sdk";
import assert from "node:assert/strict";
import { join } from "node:path";
import type { ErrorCode } from "../../errors.ts";
import { openPackFiles } from "./pack_files.ts";
import { signManifest } from "./signature.ts";
import { writeZip } from "./zip_writer.ts";
import {
  bundle,
  encode,
  fileEntry,
  inFolder,
  manifestFor,
  module,
  rejects,
  WASM,
} from "./testdata/small_pack.ts";

Deno.test("a bundle, its folder and its folder's target hold the same pack", () =>
  inFolder(async (folder) => {
    const paths = [await bundle(folder)];
    for (const [name, inside] of [["built", "built"], ["source", "source/target"]] as const) {
      await Deno.mkdir(join(folder, inside, "wasm"), { recursive: true });
      await Deno.writeTextFile(join(folder, inside, "manifest.json"), JSON.stringify(await manifestFor()));
      await Deno.writeFile(join(folder, inside, "wasm/text.wasm"), module);
      paths.push(join(folder, name));
    }
    for (const path of paths) {
      const files = await openPackFiles(path);
      assert.equal(files.manifest?.name, "text");
      assert.deepEqual(files.manifest?.templates, ["text.tokenize"]);
      assert.equal(files.signedBy, undefined);
      assert.deepEqual((await files.read(WASM)).bytes, module);
    }
  }));

Deno.test("a bundle of Reflow's first version is read, packed with deflate or zstd", () =>
  inFolder(async (folder) => {
    const manifest = {
      manifest_version: 1,
      name: "reflow.pack.ml",
      version: "0.2.0",
      authors: ["Somebody"],
      license: "MIT",
      reflow_pack_abi_version: 1380148208,
      targets: { [WASM]: { file: "lib/wasm32-unknown-unknown/ml.wasm" } },
    };
    for (const method of ["deflate", "zstd"] as const) {
      const path = join(folder, `${method}.rflpack`);
      const files = [
        ["manifest.json", encode(JSON.stringify(manifest))],
        ["lib/wasm32-unknown-unknown/ml.wasm", module],
      ] as const;
      await Deno.writeFile(path, writeZip(files, method));
      const opened = await openPackFiles(path);
      assert.deepEqual([opened.manifest?.format, opened.manifest?.templates], ["reflow", []]);
      assert.equal((await opened.read(WASM)).sha256, await sha256(module));
    }
  }));

Deno.test("a single module and a single library are packs", () =>
  inFolder(async (folder) => {
    const wasm = join(folder, "one.wasm");
    await Deno.writeFile(wasm, module);
    assert.equal((await openPackFiles(wasm)).kind, "module");
    const library = join(folder, "one.so");
    const elf = new Uint8Array(64);
    elf.set([0x7f, 0x45, 0x4c, 0x46, 2]);
    await Deno.writeFile(library, elf);
    assert.equal((await openPackFiles(library)).kind, "library");
  }));

Deno.test("a file that is not a pack is refused by name", () =>
  inFolder(async (folder) => {
    await rejects(openPackFiles(join(folder, "none")), "pack_unreadable", /it does not exist/);
    await rejects(openPackFiles(folder), "pack_unreadable", /build it first/);
    const text = join(folder, "text.txt");
    await Deno.writeTextFile(text, "hello");
    await rejects(openPackFiles(text), "pack_unreadable", /not a bundle, a WebAssembly module or a library/);
    await Deno.writeFile(text, writeZip([["other", module]]));
    await rejects(openPackFiles(text), "pack_unreadable", /no manifest.json/);
  }));

Deno.test("a manifest that is not right is refused with the field", () =>
  inFolder(async (folder) => {
    const wrong: [Record<string, unknown>, ErrorCode, RegExp][] = [
      [{ denizen_pack: 2 }, "pack_incompatible", /neither .*: 2/],
      [{ denizen_pack: undefined, manifest_version: 3 }, "pack_incompatible", /neither .*: 3/],
      [{ abi: "2.0" }, "pack_incompatible", /ABI 2.0/],
      [{ abi: "1.99" }, "pack_incompatible", /ABI 1.99/],
      [{ abi: 1 }, "pack_unreadable", /abi/],
      [{ name: "../x" }, "pack_unreadable", /name/],
      [{ version: "one" }, "pack_unreadable", /version/],
      [{ files: {} }, "pack_unreadable", /"files" is not a list/],
      [{ files: [await fileEntry({ path: "../../x" })] }, "pack_unreadable", /leads out/],
      [{ files: [await fileEntry({ sha256: undefined })] }, "pack_unreadable", /sha256/],
      [
        { files: [await fileEntry(), await fileEntry()] },
        "pack_unreadable",
        /two files for one target: wasm32/,
      ],
      [{ templates: "all" }, "pack_unreadable", /templates/],
      [{ templates: [{}] }, "pack_unreadable", /no name/],
    ];
    for (const [changes, code, pattern] of wrong) {
      await rejects(openPackFiles(await bundle(folder, changes)), code, pattern);
    }
    await rejects(
      openPackFiles(await bundle(folder, {}, { "manifest.json": encode("{") })),
      "pack_unreadable",
      /JSON/,
    );
  }));

Deno.test("a file that is not what the manifest says is refused", () =>
  inFolder(async (folder) => {
    const other = new Uint8Array([...module, 0]);
    const files = await openPackFiles(await bundle(folder, {}, { "wasm/text.wasm": other }));
    await rejects(files.read(WASM), "pack_untrusted", /wasm\/text.wasm differs from its manifest/);
    await rejects(files.read("riscv64-unknown-linux-gnu"), "pack_incompatible", /no build for riscv64/);
    const lost = [await fileEntry({ path: "wasm/gone.wasm" })];
    const gone = await openPackFiles(await bundle(folder, { files: lost }));
    await rejects(gone.read(WASM), "pack_unreadable", /lacks a file of its manifest: wasm\/gone.wasm/);
  }));

Deno.test("a signature is checked against its manifest", () =>
  inFolder(async (folder) => {
    const keys = await crypto.subtle.generateKey("Ed25519", true, ["sign", "verify"]) as CryptoKeyPair;
    const manifest = encode(JSON.stringify(await manifestFor()));
    const signature = signManifest(manifest, keys);
    const signed = await openPackFiles(await bundle(folder, {}, { "manifest.sig": encode(signature) }));
    const raw = new Uint8Array(await crypto.subtle.exportKey("raw", keys.publicKey));
    assert.equal(signed.signedBy, raw.toBase64());

    const moved = bundle(folder, { description: "another" }, { "manifest.sig": encode(signature) });
    await rejects(openPackFiles(await moved), "pack_untrusted", /not that of its manifest/);
    for (const bad of ["", "{}", "null", '{"algorithm":"Ed25519","key":"AA","signature":"!"}']) {
      const path = await bundle(folder, {}, { "manifest.sig": encode(bad) });
      await rejects(openPackFiles(path), "pack_untrusted", /signature/);
    }
  }));
