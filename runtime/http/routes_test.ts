/** Handlers with a path of their own: where their arguments come from, and what their replies look like. */
import assert from "node:assert/strict";
import { FaultyStorage } from "@denizen/runtime/testing";
import { memoryStorage } from "@denizen/runtime/storage";
import { errorOf, host, valueOf } from "../../tests/hosted.ts";

const SHELF = "/shelf.a:tests:denizen.os";

Deno.test("one parameter takes the whole body, several take a field each, and the path gives the rest", async () => {
  await using node = await host(["shelf"]);
  const added = await node.post(`${SHELF}/books`, { title: "Faust & Co/2", pages: 99 });
  assert.deepEqual(
    [added.status, added.headers.get("location"), added.headers.get("content-type"), await added.json()],
    [201, "books/Faust%20%26%20Co%2F2", "application/json", 1],
  );
  const put = await node.post(`${SHELF}/books/100%25%20Tee`, { pages: 3, printed: "2001-02-03" }, {
    method: "PUT",
  });
  assert.equal(await valueOf(put), null);
  assert.deepEqual(await valueOf(await node.get(`${SHELF}/books/Faust%20%26%20Co%2F2`)), {
    title: "Faust & Co/2",
    pages: 99,
  });
  assert.deepEqual(await valueOf(await node.get(`${SHELF}/books/100%25%20Tee`)), {
    title: "100% Tee",
    pages: 3,
    printed: "2001-02-03T00:00:00.000Z",
  });
  assert.equal(
    await valueOf(await node.get(`${SHELF}/books/100%25%20Tee?really=true`, { method: "DELETE" })),
    true,
  );
  await node.post(`${SHELF}/books/Coffee`, { pages: 1 }, { method: "PUT" });
  const dropped = await node.get(`${SHELF}/books/Coffee`, { method: "DELETE", body: "true" });
  assert.equal(await valueOf(dropped), true);
  assert.deepEqual(await valueOf(await node.get(`${SHELF}/books`)), ["Faust & Co/2"]);
});

Deno.test("arguments in a body are answered with the path of the first wrong value", async () => {
  await using node = await host(["shelf"]);
  const cases: [string, string, unknown, string][] = [
    ["POST", "/books", { title: "A" }, "/book/pages"],
    ["POST", "/books", { title: "A", pages: "3" }, "/book/pages"],
    ["POST", "/books", { title: "A", pages: 3, shelf: 1 }, "/book/shelf"],
    ["POST", "/books", [], "/book"],
    ["POST", "/books", "", "/book"],
    ["PUT", "/books/A", { pages: -1 }, "/pages"],
    ["PUT", "/books/A", { pages: 1, printed: "soon" }, "/printed"],
    ["PUT", "/books/A", { pages: 1, title: "B" }, "/title"],
    ["PUT", "/books/A", "", "/pages"],
    ["PUT", "/books/A", "null", ""],
    ["PUT", "/books/A", "[1]", ""],
  ];
  for (const [method, path, body, wrong] of cases) {
    const { message, data } = await errorOf(
      await node.post(SHELF + path, body, { method }),
      "invalid_argument",
    );
    assert.deepEqual(data, { path: wrong }, message);
    assert.match(message, /^Cannot (call \w+ of \S+ as an argument is wrong: \/\w+|take the arguments as )/);
  }
  await errorOf(await node.post(`${SHELF}/books`, "{"), "malformed");
  await errorOf(
    await node.post(`${SHELF}/books`, "a=b", { headers: { "content-type": "text/html" } }),
    "unsupported_media_type",
  );
  assert.deepEqual(await valueOf(await node.get(`${SHELF}/books`)), []);
});

Deno.test("parameters that may be left out may all be left out, with the body", async () => {
  await using node = await host(["shelf"]);
  assert.equal(await valueOf(await node.post(`${SHELF}/touch`, "")), "undefined undefined");
  assert.equal(await valueOf(await node.post(`${SHELF}/touch`, {})), "undefined undefined");
  assert.equal(await valueOf(await node.post(`${SHELF}/touch`, { times: 3 })), "undefined 3");
  assert.equal(await valueOf(await node.post(`${SHELF}/touch`, { note: null, times: 3 })), "undefined 3");
});

Deno.test("text in the query becomes what the parameter's type says", async () => {
  await using node = await host(["shelf"]);
  const none = { minPages: 0, author: null };
  const cases: [string, Record<string, unknown>][] = [
    ["minPages=0", none],
    ["minPages=7&other=x", { ...none, minPages: 7 }],
    ["minPages=0&since=2001-02-03", { ...none, since: "2001-02-03T00:00:00.000Z" }],
    ["minPages=0&since=2001-02-03T04:05:06%2B02:00", { ...none, since: "2001-02-03T02:05:06.000Z" }],
    ["minPages=0&tags=one", { ...none, tags: ["one"] }],
    ["minPages=0&tags=one&tags=two", { ...none, tags: ["one", "two"] }],
    ["minPages=0&tags=5", { ...none, tags: ["5"] }],
    ["minPages=0&tags=5&tags=true", { ...none, tags: ["5", "true"] }],
    ["minPages=0&tags=", { ...none, tags: [""] }],
    ['minPages=0&tags=["a","b"]', { ...none, tags: ["a", "b"] }],
    ["minPages=0&tags=[]", { ...none, tags: [] }],
    ["minPages=0&sizes=5", { ...none, sizes: [5] }],
    ["minPages=0&sizes=5&sizes=6", { ...none, sizes: [5, 6] }],
    ["minPages=0&sizes=[5,6]", { ...none, sizes: [5, 6] }],
    ["minPages=0&limit=255", { ...none, limit: 255 }],
    ["minPages=0&exact=true", { ...none, exact: true }],
    ["minPages=0&serial=12", { ...none, serial: 12 }],
    ["minPages=0&serial=18446744073709551615", { ...none, serial: "18446744073709551615" }],
    ["minPages=0&author=null", { ...none, author: "null" }],
    ["minPages=0&author=Ann+B%20C", { ...none, author: "Ann B C" }],
    ["minPages=0&author=5", { ...none, author: "5" }],
  ];
  for (const [query, expected] of cases) {
    assert.deepEqual(await valueOf(await node.get(`${SHELF}/search?${query}`)), expected, query);
  }
});

Deno.test("text in a URL that does not fit is answered with the parameter's name", async () => {
  await using node = await host(["shelf"]);
  const cases: [string, string, string][] = [
    ["/search", "/minPages", "expected u32, got nothing"],
    ["/search?minPages=", "/minPages", 'expected u32, got string ""'],
    ["/search?minPages=many", "/minPages", 'expected u32, got string "many"'],
    ["/search?minPages=-1", "/minPages", "expected u32, got number -1"],
    ["/search?minPages=1&minPages=2", "/minPages", "expected u32, got list of 2"],
    ["/search?minPages=0&limit=256", "/limit", "expected u8, got number 256"],
    ["/search?minPages=0&exact=yes", "/exact", 'expected boolean, got string "yes"'],
    ["/search?minPages=0&since=yesterday", "/since", 'expected Date, got string "yesterday"'],
    ["/search?minPages=0&sizes=1&sizes=x", "/sizes/1", 'expected u8, got string "x"'],
    ["/search?minPages=0&serial=-1", "/serial", 'expected u64, got string "-1"'],
    ["/search?minPages=0&__proto__=1&limit=x", "/limit", "expected u8"],
    ["/pages/x", "/number", 'expected u32, got string "x"'],
    ["/pages/1.5", "/number", "expected u32, got number 1.5"],
  ];
  for (const [path, wrong, expected] of cases) {
    const { message, data } = await errorOf(await node.get(SHELF + path), "invalid_argument");
    assert.deepEqual(data, { path: wrong }, path);
    assert.ok(message.includes(`as an argument is wrong: ${wrong}: ${expected}`), message);
  }
});

Deno.test("a path that is not percent-encoded UTF-8 is malformed", async () => {
  await using node = await host(["shelf"]);
  for (const path of ["/books/%", "/books/%FF", "/books/%C3", "/%E0%A4%A", "/books/%zz"]) {
    const { message } = await errorOf(await node.get(SHELF + path), "malformed");
    assert.match(message, /^Cannot read the path as it is not percent-encoded UTF-8: /);
  }
});

Deno.test("paths match with their wildcards, and as they are read rather than as they are written", async () => {
  await using node = await host(["shelf"]);
  for (const path of ["/files/a/b.txt", "/files/a%2Fb", "/files/"]) {
    assert.equal(await valueOf(await node.get(SHELF + path)), SHELF + path);
  }
  for (const path of ["/straße", "/stra%C3%9Fe", "/stra%c3%9fe", "/%73traße"]) {
    assert.equal(await valueOf(await node.get(SHELF + path)), "here", path);
  }
  assert.equal(
    await valueOf(await node.get(`${SHELF}/pages/12?number=13`)),
    12,
    "the path comes before the query",
  );
  for (const path of ["/book", "/books/", "/books/a/b", "/Books", "/page/1", "/pages/", "/"]) {
    const { message } = await errorOf(await node.get(SHELF + path), "unknown_path");
    assert.equal(message, `Cannot GET ${SHELF}${path} as nothing is bound there`);
  }
});

Deno.test("a method that a path does not answer is a 405 that lists those it does", async () => {
  await using node = await host(["shelf"]);
  const cases: [string, string, string][] = [
    ["PUT", "/books", "GET, POST, HEAD, OPTIONS"],
    ["POST", "/books/a", "GET, PUT, DELETE, HEAD, OPTIONS"],
    ["PATCH", "/search", "GET, HEAD, OPTIONS"],
    ["GET", "/scan", "POST, OPTIONS"],
    ["HEAD", "/scan", "POST, OPTIONS"],
    ["GET", "/probe", "HEAD, OPTIONS"],
    ["BREW", "/search", "GET, HEAD, OPTIONS"],
  ];
  const sorted = (list: string) => list.split(", ").sort();
  for (const [method, path, allow] of cases) {
    const reply = await node.get(SHELF + path, { method });
    assert.deepEqual(sorted(reply.headers.get("allow")!), sorted(allow), `${method} ${path}`);
    if (method === "HEAD") assert.deepEqual([reply.status, await reply.text()], [405, ""]);
    else await errorOf(reply, "method_not_allowed");
  }
  const options = await node.get(`${SHELF}/books`, { method: "OPTIONS" });
  assert.equal(options.status, 204);
  assert.deepEqual(sorted(options.headers.get("allow")!), sorted("GET, POST, HEAD, OPTIONS"));
  await errorOf(await node.get(`${SHELF}/nowhere`, { method: "OPTIONS" }), "unknown_path");
});

Deno.test("HEAD is answered by the handler for GET, without its body, or by one of its own", async () => {
  await using node = await host(["shelf"]);
  const titles = await node.get(`${SHELF}/books`, { method: "HEAD" });
  assert.deepEqual([titles.status, titles.headers.get("content-length"), await titles.text()], [
    200,
    "2",
    "",
  ]);
  const probe = await node.get(`${SHELF}/probe`, { method: "HEAD" });
  assert.deepEqual([probe.status, probe.headers.get("x-probed"), await probe.text()], [200, "yes", ""]);
});

Deno.test("bytes come as they are, or as JSON where the label says so", async () => {
  await using node = await host(["shelf"]);
  const raw = new Uint8Array([0, 255, 123, 10]);
  assert.deepEqual(await valueOf(await node.post(`${SHELF}/scan`, raw)), [...raw]);
  assert.deepEqual(await valueOf(await node.post(`${SHELF}/scan`, ReadableStream.from([raw, raw]))), [
    ...raw,
    ...raw,
  ]);
  assert.deepEqual(await valueOf(await node.post(`${SHELF}/scan`, "")), []);
  const headers = { "content-type": "application/json" };
  assert.deepEqual(await valueOf(await node.post(`${SHELF}/scan`, '"AP97Cg=="', { headers })), [...raw]);
  assert.deepEqual(await valueOf(await node.post(`${SHELF}/scan`, "[0,255]", { headers })), [0, 255]);
  await errorOf(await node.post(`${SHELF}/scan`, '"not base64!"', { headers }), "invalid_argument");
});

Deno.test("a handler may make its reply itself, and headers it set beside are added", async () => {
  await using node = await host(["shelf"]);
  const reply = await node.get(`${SHELF}/export`);
  assert.deepEqual(
    [reply.status, reply.headers.get("content-type"), reply.headers.get("x-decided"), await reply.text()],
    [203, "text/csv", "yes", "title;pages\n"],
  );
});

Deno.test("a handler may answer with a stream", async () => {
  await using node = await host(["shelf"]);
  const reply = await node.get(`${SHELF}/stream`);
  assert.deepEqual([reply.status, reply.headers.get("content-type"), await reply.text()], [
    200,
    "text/plain",
    "one two",
  ]);
});

Deno.test("a stream tells of a state only when that is durable, and breaks off when it is lost (G3)", async () => {
  const storage = new FaultyStorage(memoryStorage());
  await using node = await host(["shelf"], { storage });
  await node.post(`${SHELF}/books`, '{"title":"a","pages":1}').then((reply) => reply.text());
  const reply = await node.get(`${SHELF}/counts`);
  const chunks = reply.body!.pipeThrough(new TextDecoderStream()).getReader();
  assert.equal((await chunks.read()).value, "1 ");
  storage.holdCommits();
  const lost = node.post(`${SHELF}/books`, '{"title":"b","pages":1}');
  while (storage.held === 0) await node.get("/healthz").then((page) => page.text());
  let told = "";
  const broken = (async () => {
    for (;;) told += (await chunks.read()).value;
  })();
  broken.catch(() => {});
  for (let trip = 0; trip < 5; trip++) await node.get("/healthz").then((page) => page.text());
  assert.ok(!told.includes("2"), "chunks that are made meanwhile wait");
  storage.failCommits(1);
  storage.release();
  const { status, body } = await lost;
  await body!.cancel();
  assert.equal(status, 503);
  await assert.rejects(broken);
  assert.ok(!told.includes("2"));
});

Deno.test("a handler that asks for no body gets none", async () => {
  await using node = await host(["shelf"]);
  const reply = await node.post(`${SHELF}/silence`, "");
  assert.deepEqual([reply.status, reply.headers.get("content-type"), await reply.text()], [204, null, ""]);
});
