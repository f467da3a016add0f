/** A state outlives its class; one that cannot be read stops its process and is never overwritten (G8). */
import assert from "node:assert/strict";
import { type Migration, Save, StateTooLarge } from "@denizen/macro";
import { define, type Definition, type SendResult } from "@denizen/runtime";
import { memoryStorage } from "@denizen/runtime/storage";
import { TestNode } from "@denizen/runtime/testing";
import { contract, localRpc } from "../../tests/apps/generated/starter.ts";
import { STATE_BYTES_MAX } from "../limits.ts";
import { onStart, Starter } from "../../tests/apps/starter.ts";
import { withSave, withVersion } from "../../tests/definitions.ts";
import { bytesOf, checkSize, stateText } from "./stored_state.ts";

const definition = define(Starter, contract);
const DEFINITION_ID = "starter:tests:denizen.os";
const KEY = ["state", DEFINITION_ID, "s"];

const upgraded = (version: number, migrations?: Record<number, Migration>) =>
  withVersion(definition, version, migrations);

interface Scene extends AsyncDisposable {
  readonly node: TestNode;
  stored(): Promise<string | undefined>;
}

/** A node on a store in which the process `s` has `record`. */
async function scene(
  record: string | Uint8Array<ArrayBuffer>,
  hosted: Definition = definition,
): Promise<Scene> {
  onStart.run = () => {};
  const storage = memoryStorage();
  const value = typeof record === "string" ? new TextEncoder().encode(record) : record;
  await storage.commit([{ key: KEY, value }]);
  const node = await TestNode.start([hosted], { storage });
  return {
    node,
    stored: async () => {
      const entry = await storage.get(KEY);
      return entry && new TextDecoder().decode(entry.value);
    },
    [Symbol.asyncDispose]: () => node[Symbol.asyncDispose](),
  };
}

function told(answer: SendResult<unknown>): unknown {
  return answer.status === "Success" ? answer.value : `${answer.error.code}: ${answer.error.message}`;
}

Deno.test("a state is stored by the names of its fields, with its version", async () => {
  await using stand = await scene('{"version":1,"state":{"started":2,"count":1}}');
  assert.deepEqual(told(await localRpc(stand.node, "s").read()), [1, 2]);
  await localRpc(stand.node, "s").add(10);
  assert.equal(await stand.stored(), '{"version":1,"state":{"count":11,"started":2}}');
});

Deno.test("a field the record lacks has its initial value", async () => {
  await using stand = await scene('{"version":1,"state":{"count":1}}');
  assert.deepEqual(told(await localRpc(stand.node, "s").read()), [1, 0]);
});

Deno.test("a chain of migrations takes an old state to the class, and the next save writes it so", async () => {
  const steps: Record<number, Migration> = {
    1: (old) => ({ n: old.n * 2 }),
    2: (old) => ({ count: old.n, gone: true }),
    3: ({ gone: _gone, ...kept }) => kept,
  };
  await using stand = await scene('{"version":1,"state":{"n":21}}', upgraded(4, steps));
  assert.deepEqual(told(await localRpc(stand.node, "s").read()), [42, 0]);
  assert.equal(
    await stand.stored(),
    '{"version":4,"state":{"count":42,"started":0}}',
    "the first message saves it",
  );
  await stand.node.restart();
  assert.deepEqual(told(await localRpc(stand.node, "s").read()), [42, 0]);
});

Deno.test("a migration starts at the version of the record", async () => {
  const never = () => assert.fail("this one is for version 1");
  await using stand = await scene(
    '{"version":2,"state":{"n":5}}',
    upgraded(3, { 1: never, 2: ({ n }) => ({ count: n }) }),
  );
  assert.deepEqual(told(await localRpc(stand.node, "s").read()), [5, 0]);
});

const UNREADABLE: readonly [string, string | Uint8Array<ArrayBuffer>, RegExp, Definition?][] = [
  ["no JSON", "count: 5", /not valid JSON/],
  ["bytes that are no text", new Uint8Array([0xff, 0xfe, 0x00]), /./],
  ["nothing at all", "", /JSON/],
  ["null", "null", /./],
  ["a list", "[1,2]", /its version is undefined/],
  ["a record without a version", '{"state":{"count":1}}', /its version is undefined/],
  ["an invalid version", '{"version":"1","state":{"count":1}}', /its version is 1/],
  ["a version of 0", '{"version":0,"state":{"count":1}}', /version 0/],
  ["no state", '{"version":1}', /./],
  [
    "a field of another type",
    '{"version":1,"state":{"count":"five"}}',
    /\/count: expected u32, got string "five"/,
  ],
  ["a number out of range", '{"version":1,"state":{"count":-1}}', /\/count: expected u32, got number -1/],
  [
    "a field the class has no more",
    '{"version":1,"state":{"count":1,"gone":2}}',
    /\/gone: .*known: count, started/,
  ],
  ["a field that every object inherits", '{"version":1,"state":{"__proto__":{"count":1}}}', /__proto__/],
  [
    "a newer version",
    '{"version":3,"state":{"count":1}}',
    /it has version 3, and the class is at version 1: run the newer code/,
  ],
  [
    "no migration",
    '{"version":1,"state":{"count":1}}',
    /no migration leads from version 1: add 1: \(old\) => …/,
    upgraded(2),
  ],
  [
    "a migration that throws",
    '{"version":1,"state":{"count":1}}',
    /: on purpose$/,
    upgraded(2, {
      1: () => {
        throw new Error("on purpose");
      },
    }),
  ],
  [
    "a migration that takes its time",
    '{"version":1,"state":{"count":1}}',
    /the migration from version 1 must return a plain object, and returned a promise: migrations are not async/,
    upgraded(2, { 1: (old) => Promise.resolve(old) }),
  ],
  [
    "a migration that forgets to return",
    '{"version":1,"state":{"count":1}}',
    /the migration from version 1 must return a plain object, and returned nothing/,
    upgraded(2, { 1: (old) => void (old.count = 2) }),
  ],
  [
    "a migration that returns a list",
    '{"version":1,"state":{"count":1}}',
    /the migration from version 1 must return a plain object, and returned a list/,
    upgraded(2, { 1: (old) => [old] }),
  ],
  [
    "a migration whose result does not fit the class",
    '{"version":1,"state":{"count":1}}',
    /what the migration from version 2 returned does not fit the class: \/count: expected u32, got string "1"; correct migrations\[2\]$/,
    upgraded(3, { 1: (old) => old, 2: (old) => ({ count: String(old.count) }) }),
  ],
];

for (const [what, record, reason, hosted] of UNREADABLE) {
  Deno.test(`a process whose record is unreadable stops, alone, and the record stays: ${what} (G8)`, async () => {
    await using stand = await scene(record, hosted);
    const { node } = stand;
    const before = await stand.stored();
    const answers = await Promise.all([localRpc(node, "s").add(1), localRpc(node, "s").read()]);
    for (const answer of [...answers, await localRpc(node, "s").add(1)]) {
      assert.equal(answer.status, "Failed");
      assert.match(
        told(answer) as string,
        /^state_unreadable: Cannot start starter\.s:.* will not be overwritten/,
      );
      assert.match(told(answer) as string, reason);
    }
    assert.equal(node.process("starter.s:tests:denizen.os")?.status, "stopped");
    assert.equal(node.lines.filter(({ message }) => message === "process stopped").length, 1);
    assert.deepEqual(told(await localRpc(node, "other").add(1)), 1, "others go on");
    await node.advance(3_600_000);
    await node.evict("starter.s:tests:denizen.os");
    await node.drain();
    assert.equal(await stand.stored(), before);
  });
}

Deno.test("a stopped process goes on when the class reads its record again", async () => {
  await using stand = await scene('{"version":2,"state":{"count":7}}');
  assert.equal((await localRpc(stand.node, "s").read()).status, "Failed");
  await stand.node.restart([upgraded(2)]);
  assert.deepEqual(told(await localRpc(stand.node, "s").read()), [7, 0]);
});

Deno.test("a volatile state that a reload hands over is migrated as a stored one is", async () => {
  onStart.run = () => {};
  await using node = await TestNode.start([withSave(definition, Save.never)]);
  await localRpc(node, "s").add(3);
  await node.drain({ keepVolatile: true });
  const newer = withVersion(definition, 2, { 1: ({ count }) => ({ count: count * 10 }) });
  await node.restart([withSave(newer, Save.never)]);
  assert.deepEqual(told(await localRpc(node, "s").read()), [30, 0]);
});

Deno.test("the size of a state is counted in bytes", () => {
  const contract = (text: string) => ({
    fields: ["text"],
    encode: () => ({ text }),
    decode: () => {},
  });
  const wide = "€".repeat(STATE_BYTES_MAX / 3);
  const image = stateText(contract(wide), {});
  assert.ok(image.length < STATE_BYTES_MAX / 2);
  assert.throws(
    () => checkSize("a:b:c", image),
    {
      code: "state_too_large",
      message: new RegExp(`more than ${STATE_BYTES_MAX} bytes.*: ${STATE_BYTES_MAX + 10}$`),
    },
  );
  checkSize("a:b:c", image.slice(12));
  assert.equal(bytesOf("€", 1), 3);
});

Deno.test("a state whose text no string could hold is too large, whatever was counted", () => {
  const endless = {
    toJSON: () => {
      throw new RangeError("Invalid string length");
    },
  };
  const contract = { fields: [], encode: () => endless as never, decode: () => {} };
  assert.throws(() => stateText(contract, {}), StateTooLarge);
});
