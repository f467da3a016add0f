/**
 * The machine's clock is set an hour forward or back while a node runs: nothing expires, hangs or is late
 * (G5, G11).
 */
import assert from "node:assert/strict";
import { Save } from "@denizen/macro";
import { define, type SendResult, unwrap } from "@denizen/runtime";
import { settle, TestNode } from "@denizen/runtime/testing";
import { actors, add, idOf, startActors, tell, totalOf } from "./actors.ts";
import { withSave } from "./definitions.ts";
import { contract as peerContract, localRpc as peerRpc } from "./apps/generated/peer.ts";
import { contract as starterContract, localRpc as starterRpc } from "./apps/generated/starter.ts";
import { Peer } from "./apps/peer.ts";
import { stage } from "./apps/stage.ts";
import { onStart, Starter } from "./apps/starter.ts";

const HOUR_MS = 3_600_000;

function told(answer: SendResult<unknown>): unknown {
  return answer.status === "Success" ? answer.value : answer.error.code;
}

for (const [direction, stepMs] of [["back", -HOUR_MS], ["forward", HOUR_MS]] as const) {
  Deno.test(`a clock set ${direction}: a call ends at its deadline, and later calls at theirs`, async () => {
    stage.reset();
    await using node = await TestNode.start([define(Peer, peerContract)]);
    const ended: string[] = [];
    const hold = (key: string, timeoutMs: number) =>
      peerRpc(node, key).outlast("never", "b", { timeoutMs }).then((answer) =>
        ended.push(`${key} ${told(answer)}`)
      );
    void hold("a", 500);
    await settle();
    node.clock.stepWall(stepMs);
    void hold("b", 300);
    await node.advance(290);
    assert.deepEqual(ended, []);
    await node.advance(20);
    assert.deepEqual(ended, ["b timeout"]);
    node.clock.stepWall(-stepMs);
    void hold("c", 100);
    await node.advance(110);
    assert.deepEqual(ended, ["b timeout", "c timeout"]);
    await node.advance(100);
    assert.deepEqual(ended, ["b timeout", "c timeout", "a timeout"]);
  });

  Deno.test(`a clock set ${direction}: a handler sees the time that is left`, async () => {
    await using node = await TestNode.start([define(Peer, peerContract)]);
    node.clock.stepWall(stepMs);
    assert.equal(unwrap(await peerRpc(node, "a").remaining({ timeoutMs: 700 })), 700);
  });

  Deno.test(`a clock set ${direction}: a crashed process waits for its backoff, no more and no less`, async () => {
    await using node = await TestNode.start([define(Starter, starterContract)]);
    let starts = 0;
    onStart.run = () => {
      if (++starts <= 2) throw new Error("not yet");
    };
    const answer = starterRpc(node, "s").add(1);
    await settle();
    node.clock.stepWall(stepMs);
    await node.advance(999);
    assert.equal(starts, 1);
    await node.advance(1);
    assert.equal(starts, 2);
    node.clock.stepWall(stepMs);
    await node.advance(2_000);
    assert.equal(told(await answer), 1);
  });

  Deno.test(`a clock set ${direction}: an idle process leaves memory at its time, and a timed save is made`, async () => {
    await using node = await startActors({ definition: withSave(actors, Save.everySeconds(10)) });
    await tell(node, "a", add(5));
    node.clock.stepWall(stepMs);
    await node.advance(9_999);
    assert.equal(node.storage.commits.length, 0);
    await node.advance(1);
    assert.equal(node.storage.commits.length, 1);
    await node.advance(50_000);
    assert.equal(node.process(idOf("a"))?.status, "active");
    await node.advance(5_000);
    assert.equal(node.process(idOf("a")), undefined);
    assert.equal(await totalOf(node, "a"), 5);
  });
}
