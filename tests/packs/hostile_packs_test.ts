/** Packs whose author means harm: what they do is an error of theirs, and the node and other packs go on. */
import assert from "node:assert/strict";
import { loaded, rejects, scratch } from "./built_packs.ts";
import { throwingIn } from "./changed_module.ts";
import { stubModule, type StubOptions } from "./stub_pack.ts";

const WAITS: StubOptions = {
  declarations:
    `__attribute__((import_module("env"), import_name("denizen_wait"))) void wait_for(int milliseconds);`,
  features: 1 | 1 << 3,
  tick: "wait_for(1); return 0;",
};

const RECURSES: StubOptions = {
  declarations: "static int deeper(int n) { return n < 0 ? 0 : deeper(n + 1) + 1; }",
  tick: "return deeper(0);",
};

/** A module whose ticks throw an exception. */
async function throwingModule(folder: string): Promise<string> {
  const path = await stubModule(folder, {});
  await Deno.writeFile(path, throwingIn(await Deno.readFile(path), "denizen_actor_tick"));
  return path;
}

for (const trusted of [true, false]) {
  const where = trusted ? "on the node's thread" : "in a worker";

  Deno.test(`whatever leaves a module in the middle of a call ends it: ${where}`, async () => {
    await using folder = await scratch();
    const leaving: [what: string, path: () => Promise<string>][] = [
      ["an exception", () => throwingModule(folder.path)],
      ["a wait that nobody suspends", () => stubModule(folder.path, WAITS)],
      ["recursion without an end", () => stubModule(folder.path, RECURSES)],
    ];
    for (const [what, path] of leaving) {
      await using all = await loaded([{ path: await path(), trusted }]);
      const stub = await all.packs.actor("stub.one");
      await rejects(stub.run({}), "pack_trapped", /The pack trapped/);
      await rejects(stub.run({}), "pack_trapped", /The pack trapped/);
      assert.equal(all.packs.list()[0]?.restarts, 1, what);
    }
  });
}
