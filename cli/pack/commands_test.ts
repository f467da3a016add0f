import assert from "node:assert/strict";
import { denizen, Folder } from "../_command_line.ts";
import { fails } from "./_packs.ts";

const COMMANDS = ["new", "build", "add", "list", "types", "inspect", "verify", "sign", "strip"];

Deno.test("the help of the group names every command, and each has help of its own", async () => {
  const { code, out } = await denizen(["pack", "--help"]);
  assert.equal(code, 0);
  for (const command of COMMANDS) {
    assert.match(out, new RegExp(`^  ${command} `, "m"));
    const help = await denizen(["pack", command, "--help"]);
    assert.equal(help.code, 0);
    for (const part of [new RegExp(`Usage: denizen pack ${command} `), /--json/, /Exit codes: 0 success/]) {
      assert.match(help.out, part);
    }
    assert.match(help.out, /Examples:\n {2}denizen pack/);
  }
  assert.equal((await denizen(["help", "pack", "build"])).out, (await denizen(["pack", "build", "-h"])).out);
});

Deno.test("the group alone shows its help and is a usage error", async () => {
  const { code, out } = await denizen(["pack"]);
  assert.equal(code, 2);
  assert.match(out, /Usage: denizen pack <command>/);
});

Deno.test("misspelt commands and options of the group get a suggestion", async () => {
  await using folder = await Folder.with();
  const cases: [string[], RegExp][] = [
    [
      ["pack", "biuld"],
      /Cannot run denizen pack as there is no such command: biuld\nhint: did you mean "build"\?/,
    ],
    [["pack", "verify", "x", "--nativ"], /no such option: --nativ\nhint: did you mean "--native"\?/],
    [["pack", "inspect"], /an argument is missing: usage is denizen pack inspect <path>/],
    [["pack", "new", "a", "b", "--lang", "c"], /too many arguments: usage is denizen pack new/],
  ];
  for (const [args, message] of cases) await fails(args, folder.path, 2, message);
});

Deno.test("a missing pack is a usage error of every command", async () => {
  await using folder = await Folder.with({ "deno.json": "{}" });
  for (const command of ["build", "add", "types", "inspect", "verify", "strip"]) {
    await fails(
      ["pack", command, "none.pack"],
      folder.path,
      2,
      /Cannot find the pack as there is no such file or folder: none\.pack/,
    );
  }
  await fails(
    ["pack", "list", "none"],
    folder.path,
    2,
    /Cannot find the app as there is no such file or folder: none/,
  );
});

Deno.test("with --json a failure of the group is one object on standard output", async () => {
  const { code, out, err } = await denizen(["pack", "inspect", "none.pack", "--json"]);
  assert.deepEqual([code, err, JSON.parse(out).error.code], [2, "", "usage"]);
});
