import assert from "node:assert/strict";
import { denizen } from "./_command_line.ts";

const COMMANDS = ["new", "run", "dev", "gen", "call", "ps", "pack"];

Deno.test("the help names every command", async () => {
  const { code, out } = await denizen(["--help"]);
  assert.equal(code, 0);
  for (const command of COMMANDS) assert.match(out, new RegExp(`^  ${command} `, "m"));
});

Deno.test("every command has help with options, exit codes and examples", async () => {
  for (const command of COMMANDS) {
    const { code, out, err } = await denizen([command, "--help"]);
    assert.equal(code, 0);
    assert.equal(err, "");
    assert.match(out, new RegExp(`Usage: denizen ${command} `));
    for (const part of [/--json/, /Exit codes: 0 success/, /Examples:\n {2}denizen|\n {2}jq/]) {
      assert.match(out, part);
    }
  }
});

Deno.test("no command at all shows the help and is a usage error", async () => {
  const { code, out } = await denizen([]);
  assert.equal(code, 2);
  assert.match(out, /Usage: denizen <command>/);
});

Deno.test("a misspelt command gets a suggestion", async () => {
  const { code, err } = await denizen(["rnu", "app.ts"]);
  assert.equal(code, 2);
  assert.equal(
    err,
    'error: Cannot run denizen as there is no such command: rnu\nhint: did you mean "run"?\n',
  );
});

Deno.test("an unknown command that resembles none lists all commands", async () => {
  const { code, err } = await denizen(["frobnicate"]);
  assert.equal(code, 2);
  assert.match(err, /hint: known: new, run, dev, gen, call, ps, pack/);
});

Deno.test("a misspelt option gets a suggestion", async () => {
  const { code, err } = await denizen(["run", "app.ts", "--prot", "9000"]);
  assert.equal(code, 2);
  assert.match(
    err,
    /Cannot run denizen run as there is no such option: --prot\nhint: did you mean "--port"\?/,
  );
});

Deno.test("options check their values", async () => {
  const cases: [string[], RegExp][] = [
    [["run", "app.ts", "--port"], /the option needs a value, <number>: --port/],
    [["run", ".", "--port", "http"], /--port must be a whole number from 0 to 65535: http/],
    [["run", ".", "--port", "70000"], /--port must be a whole number from 0 to 65535: 70000/],
    [["run", ".", "--json=yes"], /the option takes no value: --json/],
    [["run", ".", "--log", "xml"], /--log must be text or json: xml/],
    [
      ["call", "counter", "Status", "--timeout", "30"],
      /--timeout as it must be a number with ms, s, m or h, such as 30s: 30/,
    ],
    [["run"], /an argument is missing: usage is denizen run <app>/],
    [["ps", "more"], /there are too many arguments: usage is denizen ps/],
    [["run", "no/such/app.ts"], /Cannot find the app as there is no such file or folder: no\/such\/app.ts/],
  ];
  for (const [args, message] of cases) {
    const { code, err } = await denizen(args);
    assert.equal(code, 2, `${args.join(" ")}: ${err}`);
    assert.match(err, message);
    assert.doesNotMatch(err, /\n\s+at /, "no stack for an error of the user");
  }
});

Deno.test("with --json an error is one object on standard output", async () => {
  const { code, out, err } = await denizen(["run", "no/such/app.ts", "--json"]);
  assert.equal(code, 2);
  assert.equal(err, "");
  const { error } = JSON.parse(out);
  assert.equal(error.code, "usage");
  assert.match(error.message, /^Cannot find the app/);
});

Deno.test("the version of Denizen and Deno is printed", async () => {
  const { code, out } = await denizen(["--version"]);
  assert.equal(code, 0);
  assert.match(out, /^denizen \d+\.\d+\.\d+ \(deno \d+\.\d+\.\d+\)\n$/);
});
