import { needsCompilers } from "@denizen/pack-sdk/testing";
import assert from "node:assert/strict";
import { denizen, Folder } from "../_command_line.ts";
import { eventsOf, fails, succeeds } from "./_packs.ts";

const needsC = needsCompilers("c");

async function newPack(language: string): Promise<Folder> {
  const folder = await Folder.with();
  await succeeds(["pack", "new", "words", "--lang", language], folder.path);
  return folder;
}

Deno.test(
  "build lists each file with its size and time, and skips unchanged ones",
  needsC,
  async () => {
    await using folder = await newPack("c");
    const first = await succeeds(["pack", "build", "words"], folder.path);
    assert.match(first.out, /^words 0\.1\.0\n/);
    assert.match(first.out, /wasm\/words\.wasm +\d+\.\d KiB {2}in \d+\.\d\d s/);
    assert.match(first.out, /words\/target\/words-0\.1\.0\.pack {2}\d+\.\d KiB/);
    const again = await succeeds(["pack", "build"], folder.file("words"));
    assert.match(again.out, /wasm\/words\.wasm .* unchanged/);
  },
);

Deno.test("missing compilers are named, and the files of the others are bundled", needsC, async () => {
  await using folder = await newPack("c");
  await Deno.mkdir(folder.file("bin"));
  await Deno.symlink(Deno.execPath(), folder.file("bin/deno"));
  const none = await denizen(["pack", "build", "words"], {
    cwd: folder.path,
    env: { PATH: folder.file("bin") },
  });
  assert.equal(none.code, 1);
  assert.match(none.out, /native was skipped as this machine lacks a C compiler \(cc, gcc or clang\)/);
  assert.match(none.err, /Cannot bundle words as none of its compilers is installed: .*C compiler.*; clang/);
  const { stdout } = await new Deno.Command("sh", { args: ["-c", "command -v gcc"] }).output();
  await Deno.symlink(new TextDecoder().decode(stdout).trim(), folder.file("bin/gcc"));
  for (const tool of ["as", "ld"]) {
    const { stdout } = await new Deno.Command("sh", { args: ["-c", `command -v ${tool}`] }).output();
    await Deno.symlink(new TextDecoder().decode(stdout).trim(), folder.file(`bin/${tool}`));
  }
  const some = await denizen(["pack", "build", "words", "--json"], {
    cwd: folder.path,
    env: { PATH: folder.file("bin") },
  });
  assert.equal(some.code, 0, some.out);
  const [built] = eventsOf(some);
  assert.deepEqual(built!.skipped, [{ carrier: "wasm", missing: "clang" }]);
  assert.deepEqual((built!.files as { target: string }[]).map(({ target }) => target), [Deno.build.target]);
  await succeeds(["pack", "verify", built!.bundle as string, "--native"], folder.path);
});

Deno.test("errors of a compiler are shown, and the other packs are built", needsC, async () => {
  await using folder = await newPack("assemblyscript");
  await succeeds(["pack", "new", "broken", "--lang", "c"], folder.path);
  await Deno.writeTextFile(folder.file("broken/src/broken.c"), "int x = missing;\n", { append: true });
  const { out } = await fails(
    ["pack", "build", "broken", "words"],
    folder.path,
    1,
    /Cannot build the pack as \w+ failed\n.*broken\.c:\d+:\d+: error: .*missing/s,
  );
  assert.match(out, /^words 0\.1\.0\n/m);
});

Deno.test("a missing or wrong pack.json is refused", async () => {
  await using folder = await Folder.with({ "none/readme.md": "", "wrong/pack.json": '{ "name": "a" }' });
  await fails(
    ["pack", "build", "none"],
    folder.path,
    1,
    /Cannot build the pack as .*pack\.json cannot be read/,
  );
  await fails(
    ["pack", "build", "wrong"],
    folder.path,
    1,
    /Cannot read .*pack\.json as "build" is not an object/,
  );
});
