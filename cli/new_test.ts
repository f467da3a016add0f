import assert from "node:assert/strict";
import { denizen, Folder } from "./_command_line.ts";

interface Ended {
  readonly code: number;
  readonly output: string;
}

/** Runs a task of the app as its user would. */
async function task(name: string, cwd: string): Promise<Ended> {
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["task", name],
    cwd,
    stdin: "null",
    env: { NO_COLOR: "1" },
  }).output();
  return { code, output: new TextDecoder().decode(stdout) + new TextDecoder().decode(stderr) };
}

Deno.test("a new app passes its tests, type check, format check and lint without changes", async () => {
  await using folder = await Folder.with();
  const made = await denizen(["new", "my-shop", "--publisher", "me.os"], { cwd: folder.path });
  assert.equal(made.code, 0, made.err);
  assert.match(made.out, /cd my-shop\n {2}deno task dev/);
  const cwd = folder.file("my-shop");
  const { code, output } = await task("test", cwd);
  assert.equal(code, 0, output);
  assert.match(output, /ok \| 2 passed \| 0 failed/);
  for (const args of [["check"], ["lint"], ["fmt", "--check"]]) {
    const { success, stderr } = await new Deno.Command(Deno.execPath(), { args, cwd }).output();
    assert.ok(success, new TextDecoder().decode(stderr));
  }
});

Deno.test("a new app runs without changes, and the calls in its README work", async () => {
  await using folder = await Folder.with();
  assert.equal((await denizen(["new", "my-shop"], { cwd: folder.path })).code, 0);
  const cwd = folder.file("my-shop");
  const readme = await Deno.readTextFile(`${cwd}/README.md`);
  assert.match(readme, /counter:my-shop:local\/api/);
  // The port of the task may be in use; everything else is as in the task.
  const { tasks } = JSON.parse(await Deno.readTextFile(`${cwd}/deno.json`));
  await using node = new Deno.Command(Deno.execPath(), {
    args: ["task", "--eval", `${tasks.run} --port 0 --json`],
    cwd,
    stdin: "null",
    stdout: "piped",
    stderr: "null",
  }).spawn();
  const output = node.stdout.pipeThrough(new TextDecoderStream()).getReader();
  const { event, url } = JSON.parse((await output.read()).value!);
  assert.equal(event, "ready");
  const called = await fetch(`${url}/counter:my-shop:local/api`, { method: "POST", body: '{"Increment":5}' });
  assert.equal(await called.json(), 5);
  assert.deepEqual(await (await fetch(`${url}/counter:my-shop:local/status`)).json(), { count: 5 });
  const { success, stdout } = await new Deno.Command(Deno.execPath(), {
    args: ["task", "--quiet", "denizen", "call", "counter", '{"Increment":1}'],
    cwd,
  }).output();
  assert.ok(success);
  assert.equal(new TextDecoder().decode(stdout), "6\n");
  node.kill("SIGTERM");
  await output.cancel();
  await node.status;
});

Deno.test("the next steps are quoted for the shell", async () => {
  await using folder = await Folder.with();
  const made = await denizen(["new", "my shop"], { cwd: folder.path });
  assert.equal(made.code, 0, made.err);
  assert.match(made.out, /^ {2}cd 'my shop'$/m);
  assert.match(made.out, /counter:my-shop:local/);
});

Deno.test("new does not write into a folder that is not empty, or over a file", async () => {
  await using folder = await Folder.with({ "full/notes.md": "mine", "file": "mine" });
  const full = await denizen(["new", "full"], { cwd: folder.path });
  assert.equal(full.code, 1);
  assert.equal(full.err, "error: Cannot create an app in full as it is not empty: notes.md\n");
  const file = await denizen(["new", "file"], { cwd: folder.path });
  assert.equal(file.code, 1);
  assert.match(file.err, /Cannot create an app in file as it is a file/);
});

Deno.test("names that are not valid in an address are refused before anything is created", async () => {
  await using folder = await Folder.with();
  const cases: [string[], RegExp][] = [
    [["new", "1234"], /Cannot use the package name .*: ""\nhint: choose another one with --package/],
    [["new", "app", "--package", "My App"], /Cannot use the package name .*: "My App"/],
    [["new", "app", "--publisher", "Me!"], /Cannot use the publisher name .*: "Me!"/],
  ];
  for (const [args, message] of cases) {
    const { code, err } = await denizen(args, { cwd: folder.path });
    assert.equal(code, 2);
    assert.match(err, message);
  }
  assert.deepEqual([...Deno.readDirSync(folder.path)], []);
});

Deno.test("with --json the files of a new app are one object", async () => {
  await using folder = await Folder.with();
  const { out } = await denizen(["new", "My Shop 2", "--json"], { cwd: folder.path });
  const made = JSON.parse(out);
  assert.equal(made.event, "created");
  assert.equal(made.package, "my-shop-2");
  assert.equal(made.publisher, "local");
  assert.ok(made.files.includes("deno.json"));
});
