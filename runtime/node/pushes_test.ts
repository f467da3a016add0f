/** What a handler sends to WebSockets leaves with its commit, and never if it throws (G3, G4). */
import assert from "node:assert/strict";
import { define, type Definition } from "@denizen/runtime";
import { MemoryNetwork, settle, TestNode } from "@denizen/runtime/testing";
import { Board } from "../../tests/apps/board.ts";
import { contract, localRpc } from "../../tests/apps/generated/board.ts";
import { stage } from "../../tests/apps/stage.ts";
import { type Client, openClient } from "../../tests/socket_client.ts";

const definition = define(Board, contract);

interface Scene extends AsyncDisposable {
  readonly node: TestNode;
  readonly listener: Client;
}

/** A board with one listener, who has been greeted. */
async function scene(hosted: Definition = definition): Promise<Scene> {
  stage.reset();
  const node = await TestNode.start([hosted]);
  const listener = await openClient(`${node.url}/board.b:tests:denizen.os/ws`, {}, node.network);
  assert.equal(await listener.text(), "hello");
  return {
    node,
    listener,
    async [Symbol.asyncDispose]() {
      listener.close();
      await listener.closed;
      await node[Symbol.asyncDispose]();
    },
  };
}

/** What has arrived when everything that left until now has. */
async function arrived({ node, listener }: Scene): Promise<string[]> {
  await settle();
  await (await node.fetch("/healthz")).body?.cancel();
  const texts: string[] = [];
  while (listener.received > 0) texts.push(await listener.text());
  return texts;
}

Deno.test("a push leaves with the commit of its handler, in the order in which it was sent (G3)", async () => {
  await using stand = await scene();
  const { node, listener } = stand;
  node.storage.holdCommits();
  const board = localRpc(node, "b");
  const posts = [board.post("one"), board.post("two"), board.show(), board.post("three")];
  assert.deepEqual(await arrived(stand), []);
  node.storage.release();
  await Promise.all(posts);
  const heard = [await listener.text(), await listener.text(), await listener.text(), await listener.text()];
  assert.deepEqual(heard, ["one", "two", "there are 2", "three"]);
});

Deno.test("a push of a handler that throws never leaves (G4)", async () => {
  await using stand = await scene();
  const answer = await localRpc(stand.node, "b").postAndFail("saved", "lost");
  assert.equal(answer.status, "Refused");
  assert.deepEqual(
    await arrived(stand),
    ["saved"],
    "but that of before ctx.save() does, as the state of then stays",
  );
  assert.deepEqual(await localRpc(stand.node, "b").post("next"), { status: "Success", value: 2 });
});

Deno.test("a push before ctx.save() leaves when that is durable, while the handler goes on", async () => {
  await using stand = await scene();
  const { node, listener } = stand;
  node.storage.holdCommits();
  const answer = localRpc(node, "b").postAndFail("saved", "lost");
  assert.deepEqual(await arrived(stand), []);
  node.storage.release();
  assert.equal(await listener.text(), "saved");
  await answer;
});

for (const interleaved of [false, true]) {
  const turns = interleaved ? "an interleaved" : "a serial";
  Deno.test(`a push of ${turns} handler waits for the handler's end, also after its deadline (G3)`, async () => {
    await using stand = await scene({ ...definition, interleaved });
    const { node } = stand;
    const answer = localRpc(node, "b").postSlowly("slow", "g", { timeoutMs: 1_000 });
    assert.deepEqual(await arrived(stand), []);
    await node.advance(1_010);
    assert.equal((await answer).status, "Timeout");
    assert.deepEqual(await arrived(stand), []);
    node.storage.holdCommits();
    stage.open("g");
    assert.deepEqual(await arrived(stand), [], "it has ended, and is not durable yet");
    node.storage.release();
    assert.deepEqual([await stand.listener.text(), await stand.listener.text()], ["slow", "slow, later"]);
    assert.deepEqual(await localRpc(node, "b").post("next"), { status: "Success", value: 3 });
  });
}

Deno.test("a push whose commit is lost never leaves (G4)", async () => {
  await using stand = await scene();
  const { node } = stand;
  await localRpc(node, "b").post("first");
  assert.deepEqual(await arrived(stand), ["first"]);
  node.storage.failCommits(1);
  const answers = await Promise.all([localRpc(node, "b").post("lost"), localRpc(node, "b").show()]);
  assert.deepEqual(answers.map(({ status }) => status), ["Failed", "Failed"]);
  await localRpc(node, "b").show();
  assert.deepEqual(await arrived(stand), ["there are 1"]);
});

Deno.test("an answer on the socket itself that saves nothing leaves at once", async () => {
  await using stand = await scene();
  stand.node.storage.holdCommits();
  stand.listener.send("echo");
  assert.equal(await stand.listener.text(), "echo");
});

Deno.test("a process that leaves memory keeps its sockets", async () => {
  await using stand = await scene();
  const { node, listener } = stand;
  assert.equal(await node.evict("board.b:tests:denizen.os"), true);
  assert.equal(node.process("board.b:tests:denizen.os"), undefined);
  const post = localRpc(node, "b").post("still here");
  assert.equal(await listener.text(), "still here");
  await post;
  await node.evict("board.b:tests:denizen.os");
  listener.send("awake");
  assert.equal(await listener.text(), "awake");
});

Deno.test("a socket that breaks while it is sent to costs no handler its end, and no process its state (G5)", async () => {
  stage.reset();
  const network = new MemoryNetwork();
  const accept = network.accept.bind(network);
  network.accept = (request, events, options) => {
    const upgrade = accept(request, events, options);
    upgrade.socket.send = () => {
      throw new Error("on purpose");
    };
    return upgrade;
  };
  await using node = await TestNode.start([definition], { network });
  const listener = await openClient(`${node.url}/board.b:tests:denizen.os/ws`, {}, network);
  const board = localRpc(node, "b");
  assert.equal((await board.post("one")).status, "Success");
  assert.equal((await board.post("two")).status, "Success");
  assert.ok(node.lines.some(({ message }) => message === "socket not reached"));
  listener.close();
  await listener.closed;
});
