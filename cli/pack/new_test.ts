import { needsCompilers } from "@denizen/pack-sdk/testing";
import assert from "node:assert/strict";
import * as path from "node:path";
import { type Finished, Folder } from "../_command_line.ts";
import { eventsOf, fails, succeeds } from "./_packs.ts";

/** Runs a task of the pack as its author would. */
async function task(cwd: string, ...args: readonly string[]): Promise<Finished> {
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["task", ...args],
    cwd,
    stdin: "null",
    env: { NO_COLOR: "1" },
  }).output();
  const [out, err] = [stdout, stderr].map((bytes) => new TextDecoder().decode(bytes)) as [string, string];
  assert.equal(code, 0, out + err);
  return { code, out, err };
}

for (const language of ["c", "rust", "assemblyscript"] as const) {
  const needs = language === "assemblyscript" ? {} : needsCompilers(language);
  Deno.test(
    `a new pack in ${language} builds, verifies, and passes its own tests without changes`,
    needs,
    async () => {
      await using folder = await Folder.with();
      const made = await succeeds(["pack", "new", "greeter", "--lang", language], folder.path);
      assert.match(made.out, /^ {2}cd greeter\n {2}deno task build\n {2}deno task test$/m);
      const cwd = folder.file("greeter");
      const [built] = eventsOf(await task(cwd, "build", "--json"));
      assert.deepEqual(built!.skipped, []);
      const bundle = folder.file("greeter/target/greeter-0.1.0.pack");
      assert.equal(built!.bundle, bundle);
      const verified = await succeeds(["pack", "verify", bundle, "--native"], folder.path);
      assert.match(verified.out, /ran and registered 1 template, as in the manifest/);
      const tested = await task(cwd, "test", "--no-lock");
      assert.match(tested.out, /0 failed/);
    },
  );
}

Deno.test("a pack is created in an empty folder, but not in one with files", async () => {
  await using folder = await Folder.with({ "full/notes.md": "mine", "file": "mine" });
  await Deno.mkdir(folder.file("empty-one"));
  const [created] = eventsOf(
    await succeeds(["pack", "new", "empty-one", "--lang", "c", "--json"], folder.path),
  );
  assert.deepEqual([created!.event, created!.name], ["created", "empty_one"]);
  assert.ok((created!.files as string[]).includes(path.join("src", "empty_one.c")));
  const lang = ["--lang", "c"];
  await fails(
    ["pack", "new", "full", ...lang],
    folder.path,
    1,
    /Cannot make a pack in full as it is not empty: it has notes\.md/,
  );
  await fails(["pack", "new", "file", ...lang], folder.path, 1, /Cannot make a pack in file as it is a file/);
});

Deno.test("wrong languages and names are refused before anything is created", async () => {
  await using folder = await Folder.with();
  const cases: [string[], RegExp][] = [
    [["words"], /Cannot create a pack as --lang is missing\nhint: choose one of c, rust, assemblyscript/],
    [["words", "--lang", "rsut"], /no such language: rsut\nhint: did you mean "rust"\?/],
    [["My-Words", "--lang", "c"], /Cannot use the name of the pack .*: "My_Words"/],
  ];
  for (const [args, message] of cases) await fails(["pack", "new", ...args], folder.path, 2, message);
  assert.deepEqual([...Deno.readDirSync(folder.path)], []);
});
