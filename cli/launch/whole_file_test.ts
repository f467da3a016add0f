import assert from "node:assert/strict";
import { ExplainedError } from "../terminal/failure.ts";
import { Folder } from "../_command_line.ts";
import { writeFileWhole } from "./whole_file.ts";

const bytes = (text: string) => new TextEncoder().encode(text);
const notWindows = { ignore: Deno.build.os === "windows" };

Deno.test("a replaced file keeps its mode, and a mode can be given", notWindows, async () => {
  await using folder = await Folder.with({ "deno.json": "{}" });
  await Deno.chmod(folder.file("deno.json"), 0o600);
  await writeFileWhole(folder.file("deno.json"), [bytes("[1"), bytes("]")]);
  assert.equal(await Deno.readTextFile(folder.file("deno.json")), "[1]");
  assert.equal((await Deno.stat(folder.file("deno.json"))).mode! & 0o777, 0o600);
  await writeFileWhole(folder.file("program"), [bytes("#!")], 0o755);
  assert.equal((await Deno.stat(folder.file("program"))).mode! & 0o777, 0o755);
  assert.deepEqual([...Deno.readDirSync(folder.path)].map(({ name }) => name).sort(), [
    "deno.json",
    "program",
  ]);
});

Deno.test("a symbolic link stays one, and its target is replaced", notWindows, async () => {
  await using folder = await Folder.with({ "real.json": "{}" });
  await Deno.symlink(folder.file("real.json"), folder.file("deno.json"));
  await writeFileWhole(folder.file("deno.json"), [bytes("[]")]);
  assert.equal(await Deno.readTextFile(folder.file("real.json")), "[]");
  assert.ok((await Deno.lstat(folder.file("deno.json"))).isSymlink);
});

Deno.test("a file that cannot be written is explained, and nothing is left behind", async () => {
  await using folder = await Folder.with({ "taken/file": "" });
  await assert.rejects(writeFileWhole(folder.file("taken"), [bytes("x")]), (thrown: Error) => {
    assert.ok(thrown instanceof ExplainedError);
    assert.match(thrown.message, /^Cannot write .*taken as /);
    return true;
  });
  assert.deepEqual([...Deno.readDirSync(folder.path)].map(({ name }) => name), ["taken"]);
});
