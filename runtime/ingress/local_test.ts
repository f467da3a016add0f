/**
 * Calls between processes of one node: how they end, what they share, and what each outcome is called (G5,
 * G6).
 */
import assert from "node:assert/strict";
import type { HandlerContract } from "@denizen/macro";
import { define, type DenizenError, type SendResult, unwrap } from "@denizen/runtime";
import { settle, TestNode } from "@denizen/runtime/testing";
import { contract, localRpc } from "../../tests/apps/generated/peer.ts";
import { Peer } from "../../tests/apps/peer.ts";
import { stage } from "../../tests/apps/stage.ts";

const definition = define(Peer, contract);
const ID = "peer.a:tests:denizen.os";

async function start(): Promise<TestNode> {
  stage.reset();
  return await TestNode.start([definition, { ...definition, id: "sole:tests:denizen.os", keyed: false }]);
}

/** The status and the code of a call that did not succeed. */
async function ended(answer: Promise<SendResult<unknown>>): Promise<[string, string]> {
  const result = await answer;
  return [result.status, errorOf(result).code];
}

function errorOf(answer: SendResult<unknown>): DenizenError {
  assert.ok(answer.status !== "Success", "it should have failed");
  return answer.error;
}

const success = (value: unknown) => ({ status: "Success", value });

Deno.test("arguments and results cross as copies", async () => {
  await using node = await start();
  const list = ["given"];
  const returned = await localRpc(node, "a").keep(list);
  list.push("by the caller");
  if (returned.status === "Success") returned.value.push("by the caller");
  assert.deepEqual(await localRpc(node, "a").show(), success(["given"]));
  assert.deepEqual(await localRpc(node, "a").lend("b"), success(["lent"]));
});

for (const interleaved of [false, true]) {
  const turns = interleaved ? "an interleaved" : "a serial";
  Deno.test(`what a refusal of ${turns} process carries is a copy too`, async () => {
    await using node = await TestNode.start([{ ...definition, interleaved }]);
    await localRpc(node, "a").keep(["kept"]);
    const { code, status, message, data } = errorOf(await localRpc(node, "a").refuse());
    assert.deepEqual([code, status, message], ["refused", 409, "not today"]);
    (data!.kept as string[]).push("by the caller");
    assert.deepEqual(await localRpc(node, "a").show(), success(["kept"]));
  });
}

Deno.test("a call that cannot be delivered says why, and activates no process (G5)", async () => {
  await using node = await start();
  const { Keep, Show, OverHttp } = contract.handlers as Record<string, HandlerContract>;
  const other = { ...Show!, tag: "Missing" };
  const call = (target: string, handler = Show!, args: unknown[] = []) =>
    ended(node.call(target, handler, args));
  assert.deepEqual(await call("nobody.a:tests:denizen.os"), ["Refused", "unknown_process"]);
  assert.deepEqual(
    await call("peer:tests:denizen.os"),
    ["Refused", "unknown_process"],
    "it has one process per key",
  );
  assert.deepEqual(await call("sole.a:tests:denizen.os"), ["Refused", "unknown_process"], "it has no keys");
  assert.deepEqual(await call("peer.a:tests:denizen.os@our"), ["BuildError", "bad_address"]);
  assert.deepEqual(await call("nonsense"), ["BuildError", "bad_address"]);
  assert.deepEqual(await call(`elsewhere@${ID}`), ["Offline", "offline"]);
  assert.deepEqual(await call(ID, other), ["Refused", "unknown_handler"]);
  assert.deepEqual(await call(ID, OverHttp!), ["Refused", "wrong_transport"]);
  assert.deepEqual(await call(ID, Keep!, [["text", 5]]), ["BuildError", "invalid_argument"]);
  assert.deepEqual(await call(ID, Keep!, []), ["BuildError", "invalid_argument"]);
  assert.equal(node.process(ID)?.messages ?? 0, 0);
});

Deno.test("a wrong argument is named with its path", async () => {
  await using node = await start();
  assert.match(
    errorOf(await node.call(ID, contract.handlers.Keep!, [["text", 5]])).message,
    /^Cannot call Keep of peer\.a:.* as an argument is wrong: \/Keep\/1: expected string, got number 5$/,
  );
});

Deno.test("an invalid timeout is refused, by its name", async () => {
  await using node = await start();
  for (const timeoutMs of [0, -1, NaN, Infinity, 24 * 3_600_000 + 1]) {
    const { code, message } = errorOf(await localRpc(node, "a").increment({ timeoutMs }));
    assert.equal(code, "bad_option");
    assert.match(message, new RegExp(`"timeoutMs".*: ${timeoutMs}$`));
  }
  assert.deepEqual(await localRpc(node, "a").increment({ timeoutMs: 24 * 3_600_000 }), success(1));
});

Deno.test("as many calls stand inside one another as the bound says, and no more (G6)", async () => {
  await using node = await start();
  assert.deepEqual(await localRpc(node, "100").descend(), success(100));
  const { code, message } = errorOf(await localRpc(node, "101").descend());
  assert.equal(code, "call_chain_too_long");
  assert.match(message, /100 calls wait for one another already \(CALL_CHAIN_MAX\)/);
});

Deno.test("as many messages wait as the bound allows; the next one is refused and may retry (G6)", async () => {
  await using node = await start();
  const busy = localRpc(node, "a").outlast("g", "b");
  await settle();
  const waiting = Array.from({ length: 10_000 }, () => localRpc(node, "a").increment());
  await settle();
  assert.equal(node.process(ID)?.waiting, 10_000);
  const { code, retryable, message, data } = errorOf(await localRpc(node, "a").increment());
  assert.deepEqual([code, retryable, data], ["mailbox_full", true, { retryAfterSeconds: 1 }]);
  assert.match(message, /10000 messages wait \(MAILBOX_MESSAGES_MAX\)/);
  stage.open("g");
  assert.deepEqual(await busy, success(1));
  assert.deepEqual((await Promise.all(waiting)).at(-1), success(10_001));
});

Deno.test("a state that grows beyond its bound is refused and undone (G6)", async () => {
  await using node = await start();
  await localRpc(node, "a").keep(["kept"]);
  const { code, message } = errorOf(await localRpc(node, "a").fill(64 * 1024 * 1024));
  assert.equal(code, "state_too_large");
  assert.match(message, /more than 67108864 bytes \(STATE_BYTES_MAX\)/);
  assert.deepEqual(await localRpc(node, "a").show(), success(["kept"]));
});

Deno.test("a handler knows who sent its message, and a chain of calls has one trace", async () => {
  await using node = await start();
  const answer = await localRpc(node, "a").whereaboutsOf("b");
  const [own, other] = unwrap(answer) as [string[], string[]];
  assert.match(own[4]!, /^[0-9a-f]{8}-[0-9a-f]{4}-4/);
  assert.deepEqual(own.slice(0, 4), [`our@${ID}`, "a", "our@local:distro:sys", "denizen"]);
  assert.deepEqual(other, ["our@peer.b:tests:denizen.os", "b", `our@${ID}`, "denizen", own[4]]);
});

Deno.test("an address may name this node, and is the same process then", async () => {
  await using node = await start();
  await node.call(`our@${ID}`, contract.handlers.Increment!, []);
  assert.deepEqual(await node.call(ID, contract.handlers.Increment!, []), success(2));
  assert.equal(node.processes.length, 2, "this one and the sole one");
});
