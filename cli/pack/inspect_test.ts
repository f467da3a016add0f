import { needsCompilers } from "@denizen/pack-sdk/testing";
import assert from "node:assert/strict";
import { writeZip } from "../../runtime/pack/bundle/zip_writer.ts";
import { builtFixture, eventsOf, fails, folderWithBundle, succeeds, WASM } from "./_packs.ts";

const needsC = needsCompilers("c");

const encode = (text: string) => new TextEncoder().encode(text);

Deno.test(
  "inspect shows the files and the templates, with ports and types, of bundles and folders",
  needsC,
  async () => {
    await using folder = await folderWithBundle();
    for (const pack of ["fixture.pack", await builtFixture()]) {
      const { out } = await succeeds(["pack", "inspect", pack], folder.path);
      assert.match(out, /^fixture 1\.0\.0\n/);
      assert.match(out, /\n(bundle|folder), Denizen's format, ABI 1\.0\nnot signed/);
      assert.match(
        out,
        new RegExp(`${WASM} +wasm/fixture\\.wasm +\\d+\\.\\d KiB +a module of Denizen's ABI`),
      );
      assert.match(
        out,
        /fixture\.counter {2}Counts, each instance for itself\n {2}in +step\?: number\n {2}out +count: number\n {2}config {2}step\?: number/,
      );
      assert.match(out, /fixture\.slow {2}blocking/);
    }
    const [contents] = eventsOf(await succeeds(["pack", "inspect", "fixture.pack", "--json"], folder.path));
    assert.deepEqual([contents!.kind, contents!.format, contents!.abi], ["bundle", "denizen", "1.0"]);
  },
);

Deno.test("single modules and bundles of Reflow are recognised", needsC, async () => {
  await using folder = await folderWithBundle();
  await Deno.copyFile(`${await builtFixture()}/wasm/fixture.wasm`, folder.file("one.wasm"));
  const single = await succeeds(["pack", "inspect", "one.wasm"], folder.path);
  assert.match(single.out, /^one\nmodule, Denizen's format\n/);
  assert.match(single.out, /It does not list its templates/);
  const manifest = {
    manifest_version: 1,
    name: "reflow.pack.ml",
    version: "0.2.0",
    templates: ["ml.train"],
    targets: { [WASM]: { file: "ml.wasm" } },
  };
  const module = await Deno.readFile(folder.file("one.wasm"));
  const zip = writeZip([["manifest.json", encode(JSON.stringify(manifest))], ["ml.wasm", module]], "deflate");
  await Deno.writeFile(folder.file("ml.rflpack"), zip);
  const { out } = await succeeds(["pack", "inspect", "ml.rflpack"], folder.path);
  assert.match(out, /^reflow\.pack\.ml 0\.2\.0\nbundle, Reflow's format, v1\n/);
  assert.match(out, /\nml\.train\n/);
});

Deno.test("the texts of a pack cannot control the terminal", needsC, async () => {
  await using folder = await folderWithBundle();
  const manifest = {
    denizen_pack: 1,
    name: "evil",
    version: "1.0.0",
    abi: "1.0",
    description: "\x1b]0;owned\x07\nsigned by you",
    files: [],
    templates: [{ name: "evil.a", inports: ["input"], outports: [], description: "\x9b31m" }],
  };
  const write = async (manifest: object) => {
    const zip = writeZip([["manifest.json", encode(JSON.stringify(manifest))]]);
    await Deno.writeFile(folder.file("evil.pack"), zip);
  };
  await write(manifest);
  const { out } = await succeeds(["pack", "inspect", "evil.pack"], folder.path);
  // deno-lint-ignore no-control-regex -- control characters are what must not be there
  assert.doesNotMatch(out, /[\x00-\x09\x0b-\x1f\x7f-\x9f]/);
  await write({ ...manifest, templates: [{ name: "a\x1b[2J", inports: [], outports: [] }] });
  await fails(
    ["pack", "inspect", "evil.pack"],
    folder.path,
    1,
    /the name of a template is not right: "a\\u001b\[2J"/,
  );
});

Deno.test("a file that is not a pack is refused with the reason", needsC, async () => {
  await using folder = await folderWithBundle({ "text.pack": "hello", "empty/readme.md": "" });
  await Deno.writeFile(folder.file("slip.pack"), writeZip([["../evil", encode("x")]]));
  await Deno.writeFile(folder.file("bare.pack"), writeZip([["other", encode("x")]]));
  const bundle = await Deno.readFile(folder.file("fixture.pack"));
  await Deno.writeFile(folder.file("cut.pack"), bundle.subarray(0, bundle.length / 2));
  const cases: [string, RegExp][] = [
    [
      "text.pack",
      /Cannot read the pack at text\.pack as it is not a bundle, a WebAssembly module or a library/,
    ],
    ["empty", /neither it nor its target has a manifest\.json: build it first/],
    ["slip.pack", /the name of a file leads out of it: "\.\.\/evil"/],
    ["bare.pack", /it has no manifest\.json/],
    ["cut.pack", /Cannot read the bundle as it has no directory: it is cut off/],
  ];
  for (const [pack, message] of cases) await fails(["pack", "inspect", pack], folder.path, 1, message);
});
