import { sha256 } from "@denizen/pack-sdk";
import { needsCompilers } from "@denizen/pack-sdk/testing";
import assert from "node:assert/strict";
import { join } from "node:path";
import { signManifest } from "../../runtime/pack/bundle/signature.ts";
import { verifyPack } from "../../runtime/pack/verify.ts";
import { writeZip } from "../../runtime/pack/bundle/zip_writer.ts";
import { builtFixture, fixtureLibrary, fixtureModule, loaded, rejects, scratch } from "./built_packs.ts";
import { stubModule } from "./stub_pack.ts";

const needsC = needsCompilers("c");

// Built before a test drops the permission that building needs.
await builtFixture();

const encode = (text: string) => new TextEncoder().encode(text);

Deno.test(
  "a built folder is verified file by file, its library in a process of its own",
  needsC,
  async () => {
    const report = await verifyPack(await builtFixture(), { native: true });
    assert.equal(report.kind, "folder");
    assert.equal(report.manifest?.name, "fixture");
    assert.deepEqual(report.templates.map(({ name }) => name), report.manifest?.templates);
    assert.deepEqual(
      report.files.map(({ target, ran }) => [target, ran]),
      [[Deno.build.target, true], ["wasm32-unknown-unknown", true]],
    );
    const [library] = report.files;
    assert.equal(library?.sha256, await sha256(await Deno.readFile(await fixtureLibrary())));
  },
);

Deno.test("without permission the library is hashed and not run", needsC, async () => {
  const report = await verifyPack(await builtFixture());
  assert.deepEqual(report.files.map(({ ran }) => ran), [false, true]);
  const raw = await verifyPack(await fixtureModule());
  assert.deepEqual([raw.kind, raw.manifest], ["module", undefined]);
  assert.ok(raw.templates.some(({ name }) => name === "fixture.echo"));
});

Deno.test("a signed bundle is trusted by its key, and by no other", needsC, async () => {
  await using folder = await scratch();
  const keys = await crypto.subtle.generateKey("Ed25519", true, ["sign", "verify"]) as CryptoKeyPair;
  const key = new Uint8Array(await crypto.subtle.exportKey("raw", keys.publicKey)).toBase64();
  const built = await builtFixture();
  const manifest = await Deno.readFile(join(built, "manifest.json"));
  const path = join(folder.path, "fixture.pack");
  await Deno.writeFile(
    path,
    writeZip([
      ["manifest.json", manifest],
      ["manifest.sig", encode(signManifest(manifest, keys))],
      ["wasm/fixture.wasm", await Deno.readFile(await fixtureModule())],
      [`lib/${Deno.build.target}/fixture.so`, await Deno.readFile(await fixtureLibrary())],
    ]),
  );
  assert.equal((await verifyPack(path, { key })).signedBy, key);
  await using all = await loaded([{ path, key }]);
  const [info] = all.packs.list();
  assert.deepEqual([info?.trusted, info?.signedBy, info?.place], [true, key, "wasm"]);
  await rejects(verifyPack(path, { key: "AAAA" }), "pack_untrusted", /another key signed it/);
});

Deno.test("a pack that lies or is damaged is found by verifying it", needsC, async () => {
  await using folder = await scratch();
  const lie = { described: ["stub.one"], registered: ["stub.two"] };
  await rejects(verifyPack(await stubModule(folder.path, lie)), "pack_invalid", /other templates/);
  const built = await builtFixture();
  const path = join(folder.path, "fixture.pack");
  const manifest = await Deno.readFile(join(built, "manifest.json"));
  await Deno.writeFile(path, writeZip([["manifest.json", manifest], ["wasm/fixture.wasm", encode("\0asm")]]));
  await rejects(verifyPack(path), "pack_unreadable", /lacks a file/);
});

Deno.test("without --allow-ffi the wasm carrier serves the same templates", {
  ...needsC,
  permissions: { read: true, write: true, env: true, run: true },
}, async () => {
  const path = await builtFixture();
  await using all = await loaded([{ path, native: true, trusted: true }]);
  const [info] = all.packs.list();
  assert.equal(info?.place, "wasm");
  assert.match(info.reason, /--allow-ffi is not granted/);
  assert.deepEqual(await (await all.packs.actor("fixture.doubler")).run({ input: 2 }), { output: 4 });
  await rejects(
    all.packs.load({ path, native: true, mode: "native" }),
    "pack_denied",
    /--allow-ffi is not granted/,
  );
  await rejects(all.packs.load({ path, mode: "native" }), "pack_denied", /"native": true/);
  assert.equal(all.lines.find(({ message }) => message === "pack loaded")?.fields.reason, info.reason);
});
