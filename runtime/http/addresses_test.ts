/** Whom a URL is for: ids, keys however they are written, and addresses that are none. */
import assert from "node:assert/strict";
import { errorOf, host, type Hosted, valueOf } from "../../tests/hosted.ts";
import { rawRequest, sendRaw } from "../../tests/raw_http.ts";
import { memoryStorage } from "../storage/memory.ts";
import type { Storage } from "../storage/storage.ts";
import { keyedId } from "../address.ts";

function shelf(key: string): string {
  return `/${keyedId("shelf:tests:denizen.os", key)}`;
}

async function addBook(node: Hosted, path: string, title: string): Promise<unknown> {
  const reply = await node.post(`${path}/books`, { title, pages: 1 });
  assert.equal(reply.status, 201);
  return await reply.json();
}

async function storedKeys(storage: Storage): Promise<string[]> {
  const keys: string[] = [];
  for await (const { key } of storage.list({ prefix: ["state"] })) keys.push(key.slice(1).join(" "));
  return keys;
}

Deno.test("each key is a process of its own, with any characters", async () => {
  const storage = memoryStorage();
  await using node = await host(["shelf"], { storage });
  const keys = [
    "a",
    "A",
    "a.b",
    "..",
    ".",
    "a/b",
    "a/../b",
    "%",
    "%2F",
    "%41",
    "a b",
    "a+b",
    "a:b",
    "a@b",
    "a?b",
    "a#b",
    "a&b=c",
    "\\",
    "<script>",
    "\u{e9}",
    "e\u0301",
    "\u{1f600}",
    "__proto__",
    "constructor",
    "our@x:y:z",
    "\0",
    "\n",
    "'",
    '"',
    "~",
    "!*()",
  ];
  for (const key of keys) assert.equal(await addBook(node, shelf(key), key), 1, JSON.stringify(key));
  for (const key of keys) assert.deepEqual(await valueOf(await node.get(`${shelf(key)}/books`)), [key]);
  assert.equal(node.node.processes.length, keys.length);
  assert.deepEqual(await storedKeys(storage), keys.map((key) => `shelf:tests:denizen.os ${key}`).sort());
});

Deno.test("a key that is written in different ways is one process", async () => {
  await using node = await host(["shelf"]);
  const ways = [
    "shelf.caf%C3%A9:",
    "shelf.caf%c3%a9:",
    "shelf.%63afé:",
    "our@shelf.caf%C3%A9:",
    "shelf.c%61f%c3%A9:",
  ];
  for (const [at, way] of ways.entries()) {
    assert.equal(await addBook(node, `/${way}tests:denizen.os`, `Book ${at}`), at + 1, way);
  }
  const raw = await sendRaw(node.node.port, rawRequest("GET /shelf.café:tests:denizen.os/books"));
  assert.equal(JSON.parse(raw.body).length, ways.length);
  assert.deepEqual(node.node.processes.map(({ id }) => id), ["shelf.caf%C3%A9:tests:denizen.os"]);
});

Deno.test("an address that cannot be read says which part is wrong", async () => {
  await using node = await host(["shelf", "notebook"]);
  const cases: [string, RegExp][] = [
    ["shelf.:tests:denizen.os", /its key is empty/],
    ["shelf.%:tests:denizen.os", /its key is not encoded/],
    ["shelf.%FF:tests:denizen.os", /its key is not encoded/],
    ["shelf.%ED%A0%80:tests:denizen.os", /its key is not encoded/],
    [`shelf.${"k".repeat(513)}:tests:denizen.os`, /more than 512 bytes \(KEY_BYTES_MAX\)/],
    [`shelf.${"%C3%A9".repeat(257)}:tests:denizen.os`, /more than 512 bytes/],
    ["Shelf.a:tests:denizen.os", /the process is not lower-case/],
    [":tests:denizen.os", /the process is not lower-case/],
    ["shelf:tests", /it has 2 parts/],
    ["a:b:c:d", /it has 4 parts/],
    ["shelf.a:tests:", /the publisher is not a dotted name/],
    ["@shelf.a:tests:denizen.os", /the node before "@" is empty/],
    ["our@our@shelf.a:tests:denizen.os", /more than one "@"/],
  ];
  for (const [id, message] of cases) {
    for (const path of [`/${id}/api`, `/${id}/books`]) {
      const error = await errorOf(await node.post(path, { Titles: null }), "bad_address");
      assert.match(error.message, message, id);
      assert.ok(error.message.length < 1_000);
    }
  }
  assert.equal(node.node.processes.length, 1, "only the one that is always there");
});

Deno.test("an unknown process is a 404 that tells which are known", async () => {
  await using node = await host(["shelf", "notebook"]);
  const ids = {
    "nothing:at:all": "Cannot find the process as this node has none of that id: nothing:at:all",
    "shelf:tests:denizen.os":
      "Cannot find shelf:tests:denizen.os as it has one process per key: write shelf.<key>:tests:denizen.os",
    "notebook.a:tests:denizen.os":
      "Cannot find notebook.a:tests:denizen.os as it is one process without keys: write notebook:tests:denizen.os",
  };
  for (const [id, text] of Object.entries(ids)) {
    for (const method of ["GET", "POST", "DELETE"]) {
      const { message, data } = await errorOf(await node.get(`/${id}/api`, { method }), "unknown_process");
      assert.equal(message, text);
      assert.deepEqual(data!.known, ["shelf.<key>:tests:denizen.os", "notebook:tests:denizen.os"]);
    }
  }
});

Deno.test("a process of another node is offline, over HTTP as in a call", async () => {
  await using node = await host(["notebook"]);
  const address = "elsewhere@notebook:tests:denizen.os";
  const { message } = await errorOf(await node.get(`/${address}/api`, { method: "POST" }), "offline");
  assert.equal(message, "Cannot reach the node as this one is not linked to it: elsewhere");
  const sent = await node.node.send(address, "Read");
  assert.deepEqual([sent.status, sent.status !== "Success" && sent.error.message], ["Offline", message]);
});

Deno.test("a process without a slash behind its id is redirected, with its query, when it is read", async () => {
  await using node = await host(["shelf"]);
  for (const method of ["GET", "HEAD"]) {
    const reply = await node.get("/shelf.a:tests:denizen.os?x=1&y", { method });
    assert.deepEqual([reply.status, reply.headers.get("location")], [
      308,
      "/shelf.a:tests:denizen.os/?x=1&y",
    ]);
  }
  await errorOf(await node.post("/shelf.a:tests:denizen.os", { Titles: null }), "unknown_path");
});

Deno.test("reading an unknown key stores nothing, and an invalid request activates no process", async () => {
  const storage = memoryStorage();
  await using node = await host(["shelf"], { storage });
  await errorOf(await node.post(`${shelf("x")}/api`, { Nothing: null }), "unknown_handler");
  await errorOf(await node.post(`${shelf("x")}/api`, "{"), "malformed");
  await errorOf(await node.post(`${shelf("x")}/books`, { title: 5 }), "invalid_argument");
  await errorOf(await node.get(`${shelf("x")}/nowhere`), "unknown_path");
  await errorOf(await node.get(`${shelf("x")}/api`), "method_not_allowed");
  assert.deepEqual(node.node.processes, []);
  assert.deepEqual(await valueOf(await node.get(`${shelf("x")}/books`)), []);
  await errorOf(await node.get(`${shelf("x")}/books/none`), "refused", 404);
  assert.equal(node.node.processes.length, 1);
  assert.deepEqual(await storedKeys(storage), []);
});

Deno.test("what stands in the path decides, not what stands in the query or behind it", async () => {
  await using node = await host(["shelf", "notebook"]);
  assert.deepEqual(
    await valueOf(await node.get(`${shelf("a")}/books?/../../notebook:tests:denizen.os/api`)),
    [],
  );
  await errorOf(
    await node.get("/?/shelf.a:tests:denizen.os/books", { method: "POST" }),
    "method_not_allowed",
  );
  await errorOf(await node.get("//shelf.a:tests:denizen.os/books"), "unknown_path");
  const dots = await sendRaw(
    node.node.port,
    rawRequest(`GET ${shelf("a")}/../notebook:tests:denizen.os/api`),
  );
  assert.equal(dots.status, 404);
});
