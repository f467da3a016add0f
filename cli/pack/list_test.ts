import { needsCompilers } from "@denizen/pack-sdk/testing";
import assert from "node:assert/strict";
import { Folder } from "../_command_line.ts";
import { builtFixture, eventsOf, fails, fixtureBundle, succeeds } from "./_packs.ts";
import type { ListedPack } from "./list_child.ts";

const needsC = needsCompilers("c");

async function appWith(settings: object): Promise<Folder> {
  const packs = { fixture: { path: await builtFixture(), ...settings } };
  return await Folder.with({ "deno.json": JSON.stringify({ denizen: { packs } }) });
}

for (
  const [settings, place, reason] of [
    [{}, "worker", /wasm as denizen\.packs does not say "native": true; in a worker as it is not trusted/],
    [{ trusted: true }, "wasm", /on the node's thread as it is trusted/],
    [{ native: true, trusted: true }, "native", /it is trusted, and --allow-ffi is granted/],
    [{ native: true, mode: "isolated" }, "isolated", /denizen\.packs asks for it/],
  ] as const
) {
  Deno.test(
    `a pack with ${JSON.stringify(settings)} is listed as ${place}, with the reason`,
    needsC,
    async () => {
      await using folder = await appWith(settings);
      const { out } = await succeeds(["pack", "list"], folder.path);
      assert.match(out, new RegExp(`fixture +1\\.0\\.0 +${place} `));
      assert.match(out, reason);
      assert.match(out, /fixture\.echo, fixture\.doubler/);
      const [listed] = eventsOf(await succeeds(["pack", "list", ".", "--json"], folder.path));
      const [pack] = listed!.packs as ListedPack[];
      assert.equal(pack!.place, place);
      assert.ok(pack!.templates.some(({ name }) => name === "fixture.sum"));
    },
  );
}

Deno.test("packs that do not load are listed with the reason", needsC, async () => {
  await using folder = await Folder.with({
    "deno.json": JSON.stringify({
      denizen: { packs: { gone: "./gone.pack", fast: { path: "./packs/good.pack", mode: "native" } } },
    }),
    "packs/junk.pack": "junk",
  });
  await Deno.writeFile(folder.file("packs/good.pack"), await fixtureBundle());
  await Deno.writeFile(folder.file("packs/twin.pack"), await fixtureBundle());
  const { out } = await fails(["pack", "list"], folder.path, 1, /^$/);
  assert.match(out, /gone +- +failed .*\n +Cannot read the pack at .*gone\.pack as it does not exist/);
  assert.match(
    out,
    /fast +- +failed .*\n +Cannot load the pack fixture as denizen\.packs does not say "native": true/,
  );
  assert.match(out, /junk +- +failed .*\n +Cannot read the pack/);
  assert.match(out, /twin +1\.0\.0 +worker/);
});

Deno.test("an app without packs gets a hint, and wrong settings are refused", async () => {
  await using folder = await Folder.with({ "app.ts": "" });
  assert.match(
    (await succeeds(["pack", "list"], folder.path)).out,
    /It has no packs. Add one with denizen pack add <path>/,
  );
  await folder.write("deno.json", '{ "denizen": { "packs": { "a": { "path": "x", "natve": true } } } }');
  await fails(["pack", "list"], folder.path, 1, /denizen\.packs\.a\.natve as it is true; write one of/);
});

Deno.test("pack list --running asks the running node", async () => {
  await using folder = await Folder.with();
  await fails(["pack", "list", "--running"], folder.path, 1, /Cannot reach a node as no node runs/);
  await fails(["pack", "list", ".", "--running"], folder.path, 2, /--running as it does not take apps: \./);
  await fails(["pack", "list", "--data", "x"], folder.path, 2, /--data as it requires --running/);
});
