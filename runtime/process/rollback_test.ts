/** A handler that fails leaves the state of its start, whatever it held and however it is saved (G4). */
import assert from "node:assert/strict";
import { Save } from "@denizen/macro";
import { define, type SendResult } from "@denizen/runtime";
import { TestNode } from "@denizen/runtime/testing";
import { contract, localRpc } from "../../tests/apps/generated/vault.ts";
import { type Failure, Vault } from "../../tests/apps/vault.ts";
import { POLICIES, withSave } from "../../tests/definitions.ts";

const definition = define(Vault, contract);
const ID = "vault.v:tests:denizen.os";

const CODES: Record<Exclude<Failure, "none">, string> = {
  throw: "failed",
  refuse: "refused",
  reply: "reply_invalid",
  state: "state_invalid",
  loop: "state_invalid",
};

const FAILURES = Object.keys(CODES) as (keyof typeof CODES)[];

function codeOf(answer: SendResult<unknown>): string {
  return answer.status === "Success" ? "Success" : answer.error.code;
}

async function shown(node: TestNode): Promise<string> {
  const answer = await localRpc(node, "v").show();
  if (answer.status !== "Success") throw answer.error;
  return answer.value;
}

for (const save of POLICIES) {
  Deno.test(`a handler that fails leaves the state of its start, saved or not: ${save.kind} (G4)`, async () => {
    await using node = await TestNode.start([withSave(definition, save)]);
    const vault = localRpc(node, "v");
    for (const changedBefore of [false, true]) {
      if (changedBefore) await vault.touch();
      const before = await shown(node);
      for (const failure of FAILURES) {
        assert.equal(codeOf(await vault.spoil(failure)), CODES[failure], failure);
        assert.equal(await shown(node), before, `${failure}, without an await`);
        assert.equal(codeOf(await vault.spoilLater(failure)), CODES[failure], failure);
        assert.equal(await shown(node), before, `${failure}, after awaits`);
        assert.deepEqual(await vault.nest(failure), { status: "Success", value: CODES[failure] });
        assert.equal(await shown(node), before, `${failure}, inside of a handler that goes on`);
      }
    }
    assert.deepEqual(await vault.peeked(), { status: "Success", value: [3, 3] }, "this is the same object");
  });
}

Deno.test("what failed is not in the store either (G4)", async () => {
  await using node = await TestNode.start([definition]);
  const vault = localRpc(node, "v");
  await vault.touch();
  const before = await shown(node);
  for (const failure of FAILURES) {
    await vault.spoil(failure);
    await vault.spoilLater(failure);
  }
  await node.crash();
  await node.restart();
  assert.equal(await shown(node), before);
});

Deno.test("a state with every kind of value comes back from the store as it was", async () => {
  await using node = await TestNode.start([definition]);
  const vault = localRpc(node, "v");
  await vault.spoil("none");
  const spoilt = await shown(node);
  assert.match(spoilt, /"note":"none"/);
  await node.crash();
  await node.restart();
  assert.equal(await shown(node), spoilt);
  assert.equal(codeOf(await vault.spoil("throw")), "failed");
  assert.equal(await shown(node), spoilt, "an undefined field stays undefined");
});

Deno.test("an interleaved process whose state cannot be saved stays in memory until it can", async () => {
  const loose = { ...withSave(definition, Save.everyNMessages(100)), interleaved: true };
  await using node = await TestNode.start([loose]);
  const vault = localRpc(node, "v");
  await vault.spoil("state");
  assert.equal(await node.evict(ID), false, "leaving would lose it");
  assert.ok(node.lines.some(({ message }) => message === "state not saved"));
  await vault.spoil("none");
  assert.equal(await node.evict(ID), true);
  assert.match(await shown(node), /"small":99/);
});

Deno.test("a state that cannot be undone is dropped, and the durable one is loaded (G4)", async () => {
  let broken = false;
  const executor = () => {
    const executor = definition.executor();
    const rollBack = executor.rollBack.bind(executor);
    executor.rollBack = (savepoint) => {
      if (broken) throw new Error("on purpose");
      rollBack(savepoint);
    };
    return executor;
  };
  await using node = await TestNode.start([{ ...definition, executor }]);
  const vault = localRpc(node, "v");
  await vault.touch();
  const before = await shown(node);
  broken = true;
  assert.equal(codeOf(await vault.spoil("throw")), "failed");
  broken = false;
  assert.equal(await shown(node), before);
  assert.ok(node.lines.some(({ message }) => message === "state not undone"));
});

Deno.test("an interleaved handler that leaves an invalid state fails, and those after it have the durable one (G4)", async () => {
  await using node = await TestNode.start([{ ...definition, interleaved: true }]);
  const vault = localRpc(node, "v");
  await vault.touch();
  const before = await shown(node);
  assert.equal(codeOf(await vault.spoil("state")), "state_invalid");
  assert.equal(await shown(node), before);
  assert.equal(codeOf(await vault.touch()), "Success");
});
