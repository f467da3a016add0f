/** Undoing a handler keeps the objects of the state, so that what refers to them stays valid (G4). */
import assert from "node:assert/strict";
import { define, type SendResult } from "@denizen/runtime";
import { TestNode } from "@denizen/runtime/testing";
import { contract, localRpc } from "../../tests/apps/generated/roster.ts";
import { Roster } from "../../tests/apps/roster.ts";
import { POLICIES, withSave } from "../../tests/definitions.ts";

const definition = define(Roster, contract);

function value<T>(answer: SendResult<T>): T {
  if (answer.status !== "Success") throw answer.error;
  return answer.value;
}

for (const save of POLICIES) {
  Deno.test(`locals, loops and iterators of an outer handler stay valid: ${save.kind} (G4)`, async () => {
    await using node = await TestNode.start([withSave(definition, save)]);
    const roster = localRpc(node, "r");
    for (const name of ["a", "b", "c"]) await roster.add(name);
    assert.deepEqual(value(await roster.award()), ["a", "b", "c", "a", "b", "c"]);
    const [members, teams, tags] = JSON.parse(value(await roster.show()));
    assert.deepEqual(members, [
      { name: "a", points: 1 },
      { name: "b", points: 1 },
      { name: "c", points: 1 },
      { name: "last", points: 0 },
    ]);
    assert.deepEqual(teams, ["a", "b", "c"].map((name) => [name, [{ name, points: 0 }]]));
    assert.deepEqual(tags, ["a", "b", "c"]);
  });

  Deno.test(`#private indexes and closures of @init stay valid: ${save.kind} (G4)`, async () => {
    await using node = await TestNode.start([withSave(definition, save)]);
    const roster = localRpc(node, "r");
    await roster.add("a");
    assert.notEqual((await roster.fail()).status, "Success");
    await roster.score("a", 5);
    assert.equal(value(await roster.show()), '[[{"name":"a","points":5}],[["a",[]]],["a"]]');
    assert.deepEqual(value(await roster.transient()), [1, 1, 100], "transient fields are not undone");
  });
}

Deno.test("#private fields are new after a restart, and constants come from the class", async () => {
  await using node = await TestNode.start([definition]);
  const roster = localRpc(node, "r");
  await roster.add("a");
  await roster.fail();
  await node.crash();
  await node.restart();
  assert.deepEqual(value(await roster.transient()), [0, 1, 100]);
  await roster.score("a", 2);
  assert.equal(value(await roster.show()), '[[{"name":"a","points":2}],[["a",[]]],["a"]]');
});
