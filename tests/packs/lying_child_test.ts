/** Isolated packs that write replies of their own: nothing of what they say is believed. */
import { needsCompilers } from "@denizen/pack-sdk/testing";
import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { fixtureLibrary, type Loaded, loaded, rejects } from "./built_packs.ts";

const needsC = needsCompilers("c");

const CHILD = fileURLToPath(new URL("./testdata/lying_child.ts", import.meta.url));
const TEMPLATE = { name: "lie.one", inports: ["input"], outports: ["output"] };
const DESCRIPTION = { name: "lie", version: "1.0.0", templates: [TEMPLATE] };
const HONEST = {
  open: { memoryBytes: 0, description: DESCRIPTION },
  create: { memoryBytes: 0, instance: 1 },
  destroy: { memoryBytes: 0 },
  tick: { memoryBytes: 0, output: { output: 42 } },
};

/** A file that is a library; the stand-in does not open it. */
const library = fixtureLibrary();
library.catch(() => {});

function table(answers: object): Promise<Loaded> {
  const child = [Deno.execPath(), "run", "--quiet", "--no-prompt", CHILD] as const;
  return loaded([], { childCommand: () => [...child, JSON.stringify({ ...HONEST, ...answers })] });
}

const request = async () => ({ path: await library, mode: "isolated", native: true }) as const;

Deno.test("a stand-in that says what is right is a pack", needsC, async () => {
  await using all = await table({});
  await all.packs.load(await request());
  assert.deepEqual(await (await all.packs.actor("lie.one")).run({ input: 1 }), { output: 42 });
});

Deno.test("what a process says of its pack is checked before it is published", needsC, async () => {
  const lies = [
    null,
    [],
    { memoryBytes: "many", description: DESCRIPTION },
    { memoryBytes: 0, description: {} },
    { memoryBytes: 0, description: { ...DESCRIPTION, name: { toString: 1 } } },
    { memoryBytes: 0, description: { ...DESCRIPTION, templates: "lie.one" } },
    { memoryBytes: 0, description: { ...DESCRIPTION, templates: [{ ...TEMPLATE, inports: 1 }] } },
  ];
  await using silent = await table({ open: { memoryBytes: 0 } });
  await rejects(silent.packs.load(await request()), "pack_invalid", /its reply has no description/);
  await Promise.all(lies.map(async (open) => {
    await using all = await table({ open });
    await rejects(all.packs.load(await request()), "pack_reply_invalid", /Cannot/);
    assert.deepEqual(all.packs.list(), []);
  }));
});

Deno.test("a malformed reply fails that call, and ends the process", needsC, async () => {
  const lies: [op: string, answer: unknown][] = [
    ["create", { memoryBytes: 0 }],
    ["create", { memoryBytes: 0, instance: "1" }],
    ["tick", null],
    ["tick", { memoryBytes: 1e999, output: {} }],
    ["tick", { memoryBytes: 0, output: "42" }],
    ["tick", { memoryBytes: 0, output: [42] }],
    ["tick", { memoryBytes: 0, output: { a: null }, integers: 1 }],
    ["tick", { memoryBytes: 0, output: { a: null }, integers: [null] }],
    ["tick", { memoryBytes: 0, output: { a: null }, integers: [{ path: ["output", "b"], digits: "1" }] }],
    ["tick", { memoryBytes: 0, output: { a: 1 }, integers: [{ path: ["output", "a"], digits: "1" }] }],
    ["tick", { memoryBytes: 0, output: { a: null }, integers: [{ path: ["output", "a"], digits: "0x1" }] }],
    ["tick", { memoryBytes: 0, output: {}, integers: [{ path: ["__proto__", "x"], digits: "1" }] }],
    ["tick", { memoryBytes: 0, fault: "no" }],
    ["tick", { memoryBytes: 0, fault: { code: "constructor", message: "x", status: 0 } }],
    ["tick", { memoryBytes: 0, fault: { code: "tick", message: 5, status: 0 } }],
    ["tick", { memoryBytes: 0, fault: { code: "tick", message: "x", status: "-99" } }],
  ];
  for (const [op, answer] of lies) {
    await using all = await table({ [op]: answer });
    await all.packs.load(await request());
    const call = async () => await (await all.packs.actor("lie.one")).run({ input: 1 });
    await rejects(call(), "pack_reply_invalid", /Cannot/);
  }
});

Deno.test("an unsolicited reply is not taken for the reply to the next call", needsC, async () => {
  await using all = await table({ ticks: 3 });
  await all.packs.load(await request());
  const actor = await all.packs.actor("lie.one");
  assert.deepEqual(await actor.run({ input: 1 }), { output: 42 });
  await rejects(actor.run({ input: 2 }), "pack_reply_invalid", /answers another request/);
  assert.deepEqual(await actor.run({ input: 3 }), { output: 42 }, "a new process starts from scratch");
});

Deno.test("an error's text is passed on, but not without end", needsC, async () => {
  const fault = { code: "tick", message: "é".repeat(30_000), status: -4 };
  await using all = await table({ tick: { memoryBytes: 0, fault } });
  await all.packs.load(await request());
  const error = await rejects(
    (await all.packs.actor("lie.one")).run({}),
    "pack_failed",
    /^é{10000}… \(30000/,
  );
  assert.ok(error.message.length < 10_100);
});
