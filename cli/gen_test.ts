import assert from "node:assert/strict";
import { denizen, DENO_JSON, Folder, INCREMENT, processModule } from "./_command_line.ts";

const APP = { "deno.json": DENO_JSON, "counter.ts": processModule("Counter", INCREMENT) };

Deno.test("gen writes stale code only", async () => {
  await using folder = await Folder.with(APP);
  const cwd = folder.path;
  const first = await denizen(["gen", "."], { cwd });
  const out = "wrote    generated/counter.ts\nwrote    generated/counter.schema.json\n";
  assert.deepEqual(first, { code: 0, out, err: "" });
  const second = await denizen(["gen", "."], { cwd });
  assert.deepEqual(second, { code: 0, out: "Everything is up to date.\n", err: "" });
  await Deno.remove(folder.file("counter.ts"));
  await folder.write("other.ts", processModule("Other", INCREMENT));
  const third = await denizen(["gen", ".", "--json"], { cwd });
  const { written, removed } = JSON.parse(third.out);
  const filesOf = (name: string) =>
    ["ts", "schema.json"].map((end) => folder.file(`generated/${name}.${end}`));
  assert.deepEqual(written, filesOf("other"));
  assert.deepEqual(removed, filesOf("counter"));
});

Deno.test("gen --check lists what is stale, writes nothing and fails", async () => {
  await using folder = await Folder.with(APP);
  const cwd = folder.path;
  const stale = await denizen(["gen", "counter.ts", "--check"], { cwd });
  assert.equal(stale.code, 1);
  assert.match(stale.out, /^counter\.ts is stale: /);
  assert.deepEqual([...Deno.readDirSync(cwd)].map(({ name }) => name).sort(), ["counter.ts", "deno.json"]);
  await denizen(["gen", "counter.ts"], { cwd });
  assert.equal((await denizen(["gen", "counter.ts", "--check"], { cwd })).code, 0);
});

Deno.test("gen reports every error with its location and its fix", async () => {
  await using folder = await Folder.with({
    ...APP,
    "counter.ts": processModule("Counter", "@http take(what: WeakMap<object, u32>): void {}"),
  });
  const { code, err } = await denizen(["gen", "."], { cwd: folder.path });
  assert.equal(code, 1);
  assert.match(err, /^error: Cannot generate Counter\.take as .* counter\.ts:6:\d+; /);
});
