import { needsCompilers } from "@denizen/pack-sdk/testing";
import assert from "node:assert/strict";
import { builtFixture, eventsOf, fails, folderWithBundle, succeeds, WASM } from "./_packs.ts";
import { withoutDebugSections } from "./debug_sections.ts";

const needsC = needsCompilers("c");

async function targetsOf(bundle: string, cwd: string): Promise<string[]> {
  const [contents] = eventsOf(await succeeds(["pack", "inspect", bundle, "--json"], cwd));
  return (contents!.files as { target: string }[]).map(({ target }) => target);
}

Deno.test(
  "targets that are not kept are removed, and so is the signature, with a message",
  needsC,
  async () => {
    await using folder = await folderWithBundle();
    await succeeds(["pack", "sign", "fixture.pack", "--new-key", "me.pem"], folder.path);
    const here = await succeeds(["pack", "strip", "fixture.pack"], folder.path);
    assert.doesNotMatch(here.out, /signature/);
    await succeeds(["pack", "verify", "fixture.pack", "--key", "me.pem"], folder.path);
    const { out } = await succeeds(
      ["pack", "strip", "fixture.pack", "--keep", "wasm", "--output", "small.pack"],
      folder.path,
    );
    assert.match(out, new RegExp(`removed {3}lib/${Deno.build.target}/fixture`));
    assert.match(out, /The signature was removed/);
    assert.deepEqual(await targetsOf("small.pack", folder.path), [WASM]);
    assert.deepEqual(await targetsOf("fixture.pack", folder.path), [Deno.build.target, WASM]);
    await succeeds(["pack", "verify", "small.pack"], folder.path);
  },
);

Deno.test(
  "debug symbols are removed from a module and a library, and both still run",
  needsC,
  async () => {
    await using folder = await folderWithBundle();
    await succeeds(["pack", "strip", "fixture.pack", "--symbols", "--output", "small.pack"], folder.path);
    await succeeds(["pack", "verify", "small.pack", "--native"], folder.path);
  },
);

Deno.test("stripping removes debug sections of a module and leaves a damaged one unchanged", () => {
  const head = [0, 0x61, 0x73, 0x6d, 1, 0, 0, 0];
  const section = (name: string) => {
    const text = [...new TextEncoder().encode(name)];
    return [0, text.length + 3, text.length, ...text, 1, 2];
  };
  const type = [1, 4, 1, 0x60, 0, 0];
  const module = new Uint8Array([
    ...head,
    ...section("name"),
    ...type,
    ...section(".debug_info"),
    ...section("mine"),
  ]);
  const small = new Uint8Array([...head, ...type, ...section("mine")]);
  assert.deepEqual(withoutDebugSections(module), small);
  assert.deepEqual(withoutDebugSections(small), small);
  const damaged = new Uint8Array([...head, ...section("name"), 1, 99, 0]);
  assert.equal(withoutDebugSections(damaged), damaged);
  const endless = new Uint8Array([...head, 0, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff]);
  assert.equal(withoutDebugSections(endless), endless);
});

Deno.test(
  "a missing target and a file that is not a bundle are refused and left unchanged",
  needsC,
  async () => {
    await using folder = await folderWithBundle();
    const before = await Deno.readFile(folder.file("fixture.pack"));
    await fails(
      ["pack", "strip", "fixture.pack", "--keep", "wasm,riscv64"],
      folder.path,
      1,
      /Cannot strip the pack as it has no file for riscv64: it has/,
    );
    await fails(["pack", "strip", await builtFixture()], folder.path, 1, /as it is a folder, not a bundle/);
    assert.deepEqual(await Deno.readFile(folder.file("fixture.pack")), before);
  },
);
