/** Whose turn it is (G2): serial and interleaved handlers, calls that come back, the order of messages. */
import assert from "node:assert/strict";
import { settle } from "@denizen/runtime/testing";
import {
  actors,
  add,
  all,
  call,
  cast,
  gate,
  mark,
  pause,
  stage,
  startActors,
  success,
  tell,
  told,
  totalOf,
} from "../../tests/actors.ts";

const interleaved = { ...actors, interleaved: true };

Deno.test("handlers of one serial process never overlap, with any awaits (G2)", async () => {
  await using node = await startActors();
  const answers = Array.from(
    { length: 20 },
    () => tell(node, "a", pause, add(1), call("b", pause, add(1)), pause),
  );
  assert.deepEqual(
    (await Promise.all(answers)).map(told),
    Array.from({ length: 20 }, (_, at) => `Success ${at + 1}`),
  );
  assert.deepEqual(stage.overlaps, []);
});

Deno.test("messages are handled in the order in which they came", async () => {
  await using node = await startActors();
  const first = tell(node, "a", gate("g"), mark("0"));
  const rest = Array.from(
    { length: 50 },
    (_, at) => tell(node, "a", ...(at % 3 === 0 ? [pause] : []), mark(`${at + 1}`)),
  );
  await settle();
  assert.equal(node.process("actor.a:tests:denizen.os")?.waiting, 50);
  stage.open("g");
  await Promise.all([first, ...rest]);
  assert.deepEqual(stage.journal, Array.from({ length: 51 }, (_, at) => `a ${at} 0`));
});

Deno.test("a message that waits for the state to load keeps its place before later ones", async () => {
  await using node = await startActors();
  const answers = ["1", "2", "3"].map((text) => tell(node, "a", mark(text)));
  await Promise.all(answers);
  assert.deepEqual(stage.journal, ["a 1 0", "a 2 0", "a 3 0"]);
});

Deno.test("handlers of an interleaved process overlap at their awaits (G2)", async () => {
  await using node = await startActors({ definition: interleaved });
  const first = tell(node, "a", add(1), gate("g"), mark("first"));
  await tell(node, "a", add(1), mark("second"));
  stage.open("g");
  assert.deepEqual(await first, success(2));
  assert.deepEqual(stage.journal, ["a second 2", "a first 2"]);
  assert.deepEqual(stage.overlaps, ["our@actor.a:tests:denizen.os"]);
});

Deno.test("a call that comes back into a waiting process is let in at once (G2)", async () => {
  await using node = await startActors();
  assert.deepEqual(
    await tell(node, "a", add(1), call("b", call("a", add(10), mark("inside"))), mark("after")),
    success(11),
  );
  assert.deepEqual(stage.journal, ["a inside 11", "a after 11"]);
});

Deno.test("a call that comes back passes those who wait in the mailbox", async () => {
  await using node = await startActors();
  const outer = tell(node, "a", gate("g"), call("b", call("a", mark("inside"))), mark("outer"));
  const waiting = tell(node, "a", mark("waiting"));
  await settle();
  stage.open("g");
  await Promise.all([outer, waiting]);
  assert.deepEqual(stage.journal, ["a inside 0", "a outer 0", "a waiting 0"]);
});

Deno.test("a process calls itself, directly and many times over", async () => {
  await using node = await startActors();
  assert.deepEqual(
    await tell(node, "a", call("a", add(1), call("a", add(1), call("a", add(1))))),
    success(3),
  );
});

for (const [turns, definition] of [["serial", actors], ["interleaved", interleaved]] as const) {
  Deno.test(`a call that comes back into a ${turns} process never begins inside of a turn (G2)`, async () => {
    await using node = await startActors({ definition });
    await totalOf(node, "a");
    await totalOf(node, "b");
    await tell(node, "a", call("a", add(1)), all([call("b", call("a", add(1)))], [call("a", add(1)), pause]));
    assert.equal(await totalOf(node, "a"), 3);
    assert.deepEqual(stage.interruptions, []);
  });
}

Deno.test("calls of an interleaved process during its start are counted once: it is idle afterwards", async () => {
  await using node = await startActors({ definition: interleaved });
  await tell(node, "a", call("b", call("a", add(1))));
  assert.equal(await node.evict("actor.a:tests:denizen.os"), true);
});

Deno.test("a call that is not awaited ends before its handler is done", async () => {
  await using node = await startActors();
  const answer = tell(
    node,
    "a",
    cast("b", call("a", pause, gate("g"), add(1))),
    pause,
    pause,
    pause,
    pause,
    add(10),
  );
  const next = tell(node, "a", add(100), mark("next"));
  await settle();
  assert.deepEqual(stage.journal, []);
  stage.open("g");
  assert.deepEqual(await answer, success(10), "its value was made before");
  assert.deepEqual(await next, success(111));
  assert.deepEqual(stage.overlaps, []);
});

Deno.test("a handler that has timed out still keeps others out until it ends", async () => {
  await using node = await startActors();
  const late = tell(node, "a", add(1), gate("g"), add(1));
  await settle();
  const next = tell(node, "a", mark("next"));
  await node.advance(30_010);
  assert.equal(told(await late), "timeout");
  assert.equal(told(await next), "timeout");
  stage.open("g");
  await settle();
  assert.deepEqual(await tell(node, "a", mark("later")), success(2));
  assert.deepEqual(stage.journal, ["a later 2"], "who timed out in the mailbox is not handled");
});
