import { needsCompilers } from "@denizen/pack-sdk/testing";
import assert from "node:assert/strict";
import { writeZip } from "../../runtime/pack/bundle/zip_writer.ts";
import { ZipReader } from "../../runtime/pack/bundle/zip_reader.ts";
import type { Folder } from "../_command_line.ts";
import { denizen } from "../_command_line.ts";
import { builtFixture, eventsOf, fails, folderWithBundle, succeeds, WASM, WILD } from "./_packs.ts";

const needsC = needsCompilers("c");

const encode = (text: string) => new TextEncoder().encode(text);

/** The bundle of the fixture with one changed file. */
async function damaged(
  folder: Folder,
  file: string,
  change: (bytes: Uint8Array<ArrayBuffer>) => Uint8Array,
): Promise<void> {
  const zip = new ZipReader(await Deno.readFile(folder.file("fixture.pack")));
  const files = zip.names.map((name) =>
    [name, name === file ? change(zip.read(name)) : zip.read(name)] as const
  );
  await Deno.writeFile(folder.file("damaged.pack"), writeZip(files));
}

function manifestWith(change: (manifest: Record<string, unknown>) => void) {
  return (bytes: Uint8Array<ArrayBuffer>) => {
    const manifest = JSON.parse(new TextDecoder().decode(bytes));
    change(manifest);
    return encode(JSON.stringify(manifest));
  };
}

Deno.test("a good pack is verified, and each check is listed", needsC, async () => {
  await using folder = await folderWithBundle();
  const { out } = await succeeds(["pack", "verify", "fixture.pack"], folder.path);
  assert.match(out, /ok +manifest: fixture 1\.0\.0, ABI 1\.0, supported/);
  assert.match(out, /- +signature: none/);
  assert.match(out, /ok +wasm\/fixture\.wasm: \d+\.\d KiB, SHA-256 as in the manifest/);
  assert.match(out, /ok +wasm\/fixture\.wasm: ran and registered \d+ templates, as in the manifest/);
  assert.match(out, /- +lib\/.*: not run: run native code with --native/);
  const native = await succeeds(["pack", "verify", "fixture.pack", "--native"], folder.path);
  assert.match(native.out, /ok +lib\/.*: ran and registered \d+ templates/);
  const [event] = eventsOf(await succeeds(["pack", "verify", await builtFixture(), "--json"], folder.path));
  const files = event!.files as { target: string; ran: boolean }[];
  assert.deepEqual(files.map(({ target, ran }) => [target, ran]), [[Deno.build.target, false], [WASM, true]]);
});

Deno.test("packs that do not match their manifest are refused", needsC, async () => {
  await using folder = await folderWithBundle();
  const cases: [string, (bytes: Uint8Array<ArrayBuffer>) => Uint8Array, RegExp][] = [
    [
      "wasm/fixture.wasm",
      (bytes) => bytes.with(100, bytes[100]! ^ 1),
      /wasm\/fixture\.wasm differs from its manifest: sha256/,
    ],
    [
      "manifest.json",
      manifestWith((manifest) => manifest.templates = []),
      /has other templates than its manifest says/,
    ],
    [
      "manifest.json",
      manifestWith((manifest) => manifest.name = "other"),
      /other 1\.0\.0 as it describes itself as another: fixture 1\.0\.0/,
    ],
    ["manifest.json", manifestWith((manifest) => manifest.abi = "2.0"), /built for ABI 2\.0/],
    ["manifest.json", () => encode("{"), /the manifest as it is not JSON/],
  ];
  for (const [file, change, message] of cases) {
    await damaged(folder, file, change);
    await fails(["pack", "verify", "damaged.pack"], folder.path, 1, message);
  }
});

Deno.test("a required key is compared, in all of its formats", needsC, async () => {
  await using folder = await folderWithBundle();
  const mine = eventsOf(
    await succeeds(["pack", "sign", "fixture.pack", "--new-key", "me.pem", "--json"], folder.path),
  );
  const publicKey = mine[0]!.publicKey as string;
  await folder.write("me.pub", `${publicKey}\n`);
  for (const key of [publicKey, "me.pub", "me.pem"]) {
    const { out } = await succeeds(["pack", "verify", "fixture.pack", "--key", key], folder.path);
    assert.match(out, /ok +signature: valid, by the required key/);
  }
  const { out } = await succeeds(["pack", "verify", "fixture.pack"], folder.path);
  assert.ok(out.includes(`signature: valid, by ${publicKey}; check with --key whose key this is`));
  await succeeds(["pack", "sign", "--new-key", "other.pem"], folder.path);
  await fails(
    ["pack", "verify", "fixture.pack", "--key", "other.pem"],
    folder.path,
    1,
    /another key signed it/,
  );
  await fails(
    ["pack", "verify", "fixture.pack", "--key", "zzz"],
    folder.path,
    2,
    /neither an Ed25519 public key in base64 nor a file: zzz/,
  );
  await folder.write("text.pem", "hello");
  await fails(
    ["pack", "verify", "fixture.pack", "--key", "text.pem"],
    folder.path,
    1,
    /text\.pem as it does not contain an Ed25519 key/,
  );
  await damaged(folder, "manifest.json", manifestWith((manifest) => manifest.description = "another"));
  await fails(
    ["pack", "verify", "damaged.pack"],
    folder.path,
    1,
    /its signature is not that of its manifest/,
  );
});

Deno.test("the conformance kit runs on both carriers, a line for each case", needsC, async () => {
  await using folder = await folderWithBundle();
  const { out } = await succeeds(
    ["pack", "verify", "fixture.pack", "--conformance", "--native", "--skip", `${WILD},fixture.fail`],
    folder.path,
  );
  for (const target of [WASM, Deno.build.target]) {
    assert.match(out, new RegExp(`^ok +${target}: leaks nothing over many ticks$`, "m"));
  }
  assert.doesNotMatch(out, /failed/);
  await fails(
    ["pack", "verify", "fixture.pack", "--skip", "a"],
    folder.path,
    2,
    /--skip as it requires --conformance/,
  );
});

Deno.test("the conformance kit is not run on packs of Reflow", needsC, async () => {
  await using folder = await folderWithBundle();
  const manifest = {
    manifest_version: 1,
    name: "ml",
    version: "0.2.0",
    targets: { [WASM]: { file: "ml.wasm" } },
  };
  const module = await Deno.readFile(`${await builtFixture()}/wasm/fixture.wasm`);
  const zip = writeZip([["manifest.json", encode(JSON.stringify(manifest))], ["ml.wasm", module]]);
  await Deno.writeFile(folder.file("ml.rflpack"), zip);
  const args = ["pack", "verify", "ml.rflpack", "--conformance"];
  await fails(args, folder.path, 2, /--conformance as the pack implements Reflow's ABI: ml\.rflpack/);
});

Deno.test("a pack that ends its process makes the command fail, not crash", needsC, async () => {
  await using folder = await folderWithBundle();
  const args = ["pack", "verify", "fixture.pack", "--conformance", "--native"];
  const finished = await denizen([...args, "--skip", WILD.replace("fixture.segfault,", "")], {
    cwd: folder.path,
  });
  assert.equal(finished.code, 1);
  assert.match(finished.err, /Cannot go on as the process that works on the pack ended: by SIG/);
});

Deno.test("a file that is not a pack is not verified", needsC, async () => {
  await using folder = await folderWithBundle();
  await Deno.writeFile(folder.file("empty.wasm"), new Uint8Array([0, 0x61, 0x73, 0x6d, 1, 0, 0, 0]));
  await fails(["pack", "verify", "empty.wasm"], folder.path, 1, /Cannot load the pack as/);
  await fails(["pack", "verify", Deno.execPath(), "--native"], folder.path, 1, /Cannot/);
});
