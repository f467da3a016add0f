/** Wait cycles end in an error that names them, and never in a hang (G2). */
import assert from "node:assert/strict";
import type { DenizenError, SendResult } from "@denizen/runtime";
import { settle } from "@denizen/runtime/testing";
import {
  add,
  all,
  call,
  gate,
  idOf,
  mark,
  pause,
  stage,
  startActors,
  success,
  tell,
  told,
  totalOf,
  tryCall,
} from "../../tests/actors.ts";

/** The error of the one call that failed, and that it did so without any time passing. */
function errorOf(answers: readonly SendResult<number>[]): DenizenError {
  const errors = answers.flatMap((answer) => answer.status === "Success" ? [] : [answer.error]);
  assert.equal(errors.length, 1, `one of them gives way: ${answers.map(told).join()}`);
  return errors[0]!;
}

Deno.test("two chains that cross: one gets the error, which names the cycle, and the other goes on", async () => {
  await using node = await startActors();
  const answers = [
    tell(node, "a", add(1), gate("g"), call("b", add(1))),
    tell(node, "b", add(10), gate("g"), call("a", add(10))),
  ];
  await settle();
  stage.open("g");
  const error = errorOf(await Promise.all(answers));
  assert.equal(error.code, "deadlock");
  assert.equal(error.retryable, true);
  assert.deepEqual(error.data, { cycle: [idOf("b"), idOf("a"), idOf("b")] });
  assert.match(
    error.message,
    /Cannot call Perform of actor\.a:.* wait for each other: actor\.b:.* → actor\.a:.* → actor\.b:/,
  );
  assert.deepEqual(
    [await totalOf(node, "a"), await totalOf(node, "b")],
    [1, 1],
    "b was undone, then a came through",
  );
});

Deno.test("three processes in a circle: the one that closes it gets the error", async () => {
  await using node = await startActors();
  const answers = ["a", "b", "c"].map((key, at) =>
    tell(node, key, gate(key), call("abc"[(at + 1) % 3]!, add(1)))
  );
  await settle();
  for (const key of ["a", "b", "c"]) {
    stage.open(key);
    await settle();
  }
  const error = errorOf(await Promise.all(answers));
  assert.deepEqual(error.data, { cycle: ["c", "a", "b", "c"].map(idOf) });
});

Deno.test("a cycle through one of several calls at once is found", async () => {
  await using node = await startActors();
  const answers = [
    tell(node, "a", gate("g"), all([call("x", gate("x"))], [call("b", add(1))], [call("y", add(1))])),
    tell(node, "b", gate("g"), all([call("z", add(1))], [call("a", add(1))])),
  ];
  await settle();
  stage.open("g");
  await settle();
  stage.open("x");
  assert.equal(errorOf(await Promise.all(answers)).code, "deadlock");
});

Deno.test("a cycle is found through handlers inside of handlers", async () => {
  await using node = await startActors();
  // a waits for b, which calls back into a; there the nested handler calls c, which waits for a itself.
  const first = tell(node, "a", call("b", call("a", gate("g"), call("c", add(1)))));
  const second = tell(node, "c", gate("h"), call("a", add(1)));
  await settle();
  stage.open("h");
  await settle();
  stage.open("g");
  const error = errorOf(await Promise.all([first, second]));
  assert.equal(error.code, "deadlock");
  assert.equal(await totalOf(node, "a"), 1, "c came through");
});

Deno.test("who handles the deadlock itself goes on", async () => {
  await using node = await startActors();
  const answers = [
    tell(node, "a", gate("g"), tryCall("b", add(1)), add(1)),
    tell(node, "b", gate("g"), tryCall("a", add(1)), add(1)),
  ];
  await settle();
  stage.open("g");
  assert.deepEqual((await Promise.all(answers)).map(told), ["Success 1", "Success 1"]);
  assert.deepEqual(stage.journal, ["b deadlock", "a Success"]);
  assert.deepEqual([await totalOf(node, "a"), await totalOf(node, "b")], [1, 2]);
});

Deno.test("a long queue is no deadlock, nor is a diamond of calls", async () => {
  await using node = await startActors();
  const queue = Array.from(
    { length: 200 },
    (_, at) => tell(node, `q${at}`, pause, call("hub", pause, add(1))),
  );
  const diamond = tell(
    node,
    "top",
    all([call("left", call("hub", add(1)))], [call("right", call("hub", add(1)))]),
  );
  for (const answer of [...await Promise.all(queue), await diamond]) assert.equal(answer.status, "Success");
  assert.equal(await totalOf(node, "hub"), 202);
});

Deno.test("a call that is about to be admitted does not wait", async () => {
  await using node = await startActors();
  for (const key of ["a", "b", "c", "d"]) await totalOf(node, key);
  const waiting = tell(node, "c", gate("2"), call("b", add(1)));
  const back = [gate("1"), call("b", call("a", add(1)))];
  const outer = tell(node, "a", all(back, [call("d", gate("3"), call("c", add(1)))]));
  await settle();
  // In this order, before the call of b is let into a: a calls b and b calls a, c comes to wait for b, d for
  // c.
  for (const step of ["1", "2", "3"]) stage.open(step);
  assert.deepEqual((await Promise.all([waiting, outer])).map(told), ["Success 0", "Success 1"]);
});

Deno.test("processes that wake each other up while they start do not wait for each other", async () => {
  await using node = await startActors();
  const answer = await tell(
    node,
    "a",
    call("b", call("c", call("a", add(1)), call("b", add(1)), mark("end"))),
  );
  assert.deepEqual(answer, success(1));
});
