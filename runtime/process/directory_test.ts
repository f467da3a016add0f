/** One process for each address (G1), with any key in any spelling. */
import assert from "node:assert/strict";
import { keyedId } from "@denizen/runtime";
import { TestNode } from "@denizen/runtime/testing";
import { contract, localRpc } from "../../tests/apps/generated/actor.ts";
import { actors, add, startActors, success, tell, told, totalOf } from "../../tests/actors.ts";

const KEYS = [
  "a.b",
  "..",
  "a/b:c@d",
  "100%",
  "%41",
  "\u0000",
  "grün",
  "gru\u0308n",
  "👩‍👧",
  "__proto__",
  "x".repeat(512),
];

Deno.test("a process of any key is one, in memory and in the store (G1)", async () => {
  await using node = await startActors();
  for (const [at, key] of KEYS.entries()) {
    assert.deepEqual(await tell(node, key, add(at + 1)), success(at + 1));
  }
  assert.equal(node.processes.length, KEYS.length);
  await node.crash();
  await node.restart();
  for (const [at, key] of KEYS.entries()) assert.equal(await totalOf(node, key), at + 1, key);
});

Deno.test("a process whose key is written in several ways is one process (G1)", async () => {
  await using node = await startActors();
  const spellings = [
    keyedId("actor:tests:denizen.os", "Grün A"),
    "actor.Gr%c3%bcn%20A:tests:denizen.os",
    "our@actor.%47r%C3%BCn%20%41:tests:denizen.os",
    "actor.Grün A:tests:denizen.os",
  ];
  for (const [at, address] of spellings.entries()) {
    assert.equal(told(await node.call(address, contract.handlers.Add!, [1])), `Success ${at + 1}`, address);
    assert.deepEqual(await node.send(address, { Add: 0 }), success(at + 1), address);
  }
  assert.deepEqual(node.processes.map(({ id }) => id), [spellings[0]]);
  assert.equal(await node.evict(spellings[2]!), true);
  assert.deepEqual(node.processes, []);
});

Deno.test("a stub refuses an invalid key before it calls", async () => {
  await using node = await startActors();
  for (const key of ["", "x".repeat(513), "\udc00"]) {
    assert.throws(() => localRpc(node, key), { code: "bad_address" });
  }
});

Deno.test("two definitions of one id cannot be hosted together", async () => {
  await assert.rejects(TestNode.start([actors, { ...actors, name: "Twin" }]), {
    code: "duplicate_process",
    message: /actor:tests:denizen\.os is "Actor" and "Twin"/,
  });
});
