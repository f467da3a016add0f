/** Calls by tag: what a client may write, and what it hears when it writes something else. */
import assert from "node:assert/strict";
import { errorOf, host, valueOf } from "../../tests/hosted.ts";

const NOTEBOOK = "/notebook:tests:denizen.os";
const API = `${NOTEBOOK}/api`;
const milk = { title: "Milk", dueDate: "2030-01-01T00:00:00.000Z" };

Deno.test("a call by tag answers with the bare value, as JSON", async () => {
  await using node = await host(["notebook"]);
  assert.equal(await valueOf(await node.post(API, { Update: [milk, false] })), 1);
  assert.deepEqual(await valueOf(await node.post(API, { List: null })), [milk]);
  assert.equal(await valueOf(await node.post(API, { Echo: "é \u{1f600} \0" })), "é \u{1f600} \0");
});

Deno.test("no arguments are written in any of three ways", async () => {
  await using node = await host(["notebook"]);
  for (const [at, body] of ['"Count"', '{"Count":null}', '{"Count":{}}', ' \n{"Count":[]} '].entries()) {
    assert.equal(await valueOf(await node.post(API, body)), at + 1, body);
  }
});

Deno.test("every endpoint of a process takes every tag, also one whose path is not ASCII", async () => {
  await using node = await host(["notebook"]);
  assert.equal(await valueOf(await node.post(`${NOTEBOOK}/also`, { Count: null })), 1);
  assert.equal(await valueOf(await node.post(`${NOTEBOOK}/büro`, { Count: null })), 2);
});

Deno.test("a handler that returns nothing answers null", async () => {
  await using node = await host(["notebook"]);
  const reply = await node.post(API, { Replace: [] }, { method: "PUT" });
  assert.equal(await valueOf(reply), null);
});

Deno.test("a Result is a value, whichever way it went", async () => {
  await using node = await host(["notebook"]);
  assert.deepEqual(await valueOf(await node.post(API, { Half: 8 })), { Ok: 4 });
  assert.deepEqual(await valueOf(await node.post(API, { Half: 7 })), { Err: "it is odd" });
});

Deno.test("invalid JSON is malformed, and says where", async () => {
  await using node = await host(["notebook"]);
  for (const body of ["", "{", '{"Count":}', "Count", "{'Count':null}", '{"Count":null} x', "\0", "[[["]) {
    const { message } = await errorOf(await node.post(API, body), "malformed");
    assert.match(message, /^Cannot read (the body|a message) as/);
  }
});

Deno.test("a body without exactly one tag is malformed", async () => {
  await using node = await host(["notebook"]);
  const cases: [string, RegExp][] = [
    ["{}", /it is .*object/],
    ["null", /it is null/],
    ["[]", /it is list of 0/],
    ["5", /it is number 5/],
    ['["Count",null]', /it is list of 2/],
    ['{"Count":null,"Echo":"x"}', /it has more than one tag: Count, Echo/],
  ];
  for (const [body, message] of cases) {
    assert.match((await errorOf(await node.post(API, body), "malformed")).message, message, body);
  }
});

Deno.test("an unknown tag is answered with those that are known", async () => {
  await using node = await host(["notebook"]);
  for (const tag of ["Counts", "count", "__proto__", "constructor", "toString", ""]) {
    const { message, data } = await errorOf(
      await node.post(API, `{${JSON.stringify(tag)}:null}`),
      "unknown_handler",
    );
    assert.equal(message, `Cannot call notebook:tests:denizen.os as it has no handler of that tag: ${tag}`);
    assert.ok((data!.known as string[]).includes("Count"));
  }
});

Deno.test("an answer stays small, however large what it complains of", async () => {
  await using node = await host(["notebook"]);
  const long = "x".repeat(1_000_000);
  const tags = Object.fromEntries(Array.from({ length: 50_000 }, (_, at) => [`Tag${at}`, null]));
  const bodies = [{ [long]: null }, tags, [long], long, { Update: [{ [long]: 1 }, true] }, {
    Echo: { [long]: long },
  }];
  for (const body of bodies) {
    const reply = await node.post(API, JSON.stringify(body));
    const text = await reply.text();
    assert.ok(reply.status === 400 || reply.status === 422, text.slice(0, 200));
    assert.ok(text.length < 2_000, `${text.length} characters: ${text.slice(0, 200)}`);
  }
});

Deno.test("a body that nests a hundred thousand levels deep is an error of the one who sent it", async () => {
  await using node = await host(["notebook"]);
  for (
    const deep of [
      "[".repeat(100_000) + "]".repeat(100_000),
      '{"a":'.repeat(100_000) + "1" + "}".repeat(100_000),
    ]
  ) {
    for (const body of [deep, `{"Echo":${deep}}`, `{"Update":[${deep},true]}`]) {
      const reply = await node.post(API, body);
      const text = await reply.text();
      assert.ok(reply.status === 400 || reply.status === 422, text.slice(0, 200));
    }
  }
  assert.deepEqual(node.log.filter(({ level }) => level === "error"), []);
});

Deno.test("wrong arguments are answered with the path of the first wrong value", async () => {
  await using node = await host(["notebook"]);
  const cases: [unknown, string, string][] = [
    [
      { Update: [{ ...milk, dueDate: "soon" }, false] },
      "/Update/0/dueDate",
      'expected Date, got string "soon"',
    ],
    [{ Update: [{ ...milk, dueDate: "2030-02-30" }, false] }, "/Update/0/dueDate", "expected Date"],
    [{ Update: [{ ...milk, stars: 256 }, false] }, "/Update/0/stars", "expected u8, got number 256"],
    [{ Update: [{ ...milk, stars: -1 }, false] }, "/Update/0/stars", "expected u8, got number -1"],
    [{ Update: [{ ...milk, stars: 1.5 }, false] }, "/Update/0/stars", "expected u8, got number 1.5"],
    [{ Update: [{ ...milk, colour: "red" }, false] }, "/Update/0/colour", "expected no field of this name"],
    [{ Update: [{ title: "Milk" }, false] }, "/Update/0/dueDate", "expected Date, got nothing"],
    [{ Update: [milk, "yes"] }, "/Update/1", 'expected boolean, got string "yes"'],
    [{ Update: [milk] }, "/Update", "expected list of 2 arguments, got list of 1"],
    [{ Update: [milk, true, 3] }, "/Update", "expected list of 2 arguments, got list of 3"],
    [{ Update: null }, "/Update", "expected list of 2 arguments, got null"],
    [{ Echo: 5 }, "/Echo", "expected string, got number 5"],
    [{ Echo: null }, "/Echo", "expected string, got null"],
    ["Echo", "/Echo", "expected string, got null"],
    [{ Count: 5 }, "/Count", "expected no arguments, got number 5"],
    [{ Half: "8" }, "/Half", 'expected u32, got string "8"'],
    [{ Half: 4294967296 }, "/Half", "expected u32, got number 4294967296"],
  ];
  for (const [body, path, expected] of cases) {
    const { message, data } = await errorOf(await node.post(API, JSON.stringify(body)), "invalid_argument");
    assert.ok(
      message.includes(`as an argument is wrong: ${path}: ${expected}`),
      `${JSON.stringify(body)}: ${message}`,
    );
    assert.deepEqual(data, { path });
  }
  assert.deepEqual(await valueOf(await node.post(API, { List: null })), [], "nothing of them was done");
});

Deno.test("what a prototype would give is no field of a record", async () => {
  await using node = await host(["notebook"]);
  const body = `{"Update":[{"__proto__":{"title":"Milk"},"dueDate":"2030-01-01"},false]}`;
  const { message } = await errorOf(await node.post(API, body), "invalid_argument");
  assert.match(message, /\/Update\/0\/(title|__proto__): expected/);
});

Deno.test("a handler of another transport is forbidden", async () => {
  await using node = await host(["notebook"]);
  const { message } = await errorOf(await node.post(API, { Inner: null }), "wrong_transport");
  assert.equal(
    message,
    "Cannot call Inner of notebook:tests:denizen.os over http as it is declared for: local",
  );
});

Deno.test("a handler with a path of its own is not called by tag", async () => {
  await using node = await host(["notebook"]);
  const { message } = await errorOf(await node.post(API, { ByPath: null }), "unknown_handler");
  assert.equal(message, "Cannot call ByPath of notebook:tests:denizen.os by tag as it answers GET /entries");
});

Deno.test("an endpoint answers methods that carry a body, and names them otherwise", async () => {
  await using node = await host(["notebook"]);
  for (const method of ["POST", "PUT", "PATCH", "DELETE"]) {
    assert.equal(typeof await valueOf(await node.post(API, { Count: null }, { method })), "number", method);
  }
  const allow = "POST, PUT, PATCH, DELETE, OPTIONS";
  const { message } = await errorOf(await node.get(API), "method_not_allowed");
  assert.match(
    message,
    /^Cannot GET \/notebook:tests:denizen.os\/api as it answers POST, PUT, PATCH, DELETE/,
  );
  assert.equal((await node.get(API)).headers.get("allow"), allow);
  const head = await node.get(API, { method: "HEAD" });
  assert.deepEqual([head.status, head.headers.get("allow"), await head.text()], [405, allow, ""]);
  const options = await node.get(API, { method: "OPTIONS" });
  assert.deepEqual([options.status, options.headers.get("allow"), await options.text()], [204, allow, ""]);
});

Deno.test("a handler that names one method answers no other", async () => {
  await using node = await host(["notebook"]);
  const reply = await node.post(API, { Replace: [] });
  assert.equal(reply.headers.get("allow"), "PUT");
  const { message } = await errorOf(reply, "method_not_allowed");
  assert.match(message, /^Cannot POST Replace as it answers PUT only$/);
});

Deno.test("a handler knows the request, and decides status and headers of its reply", async () => {
  await using node = await host(["notebook"]);
  const reply = await node.post(`${API}?a=1&a=2`, { Request: null }, { headers: { "x-given": "thing" } });
  assert.deepEqual(await valueOf(reply), [
    "POST",
    API,
    "?a=1&a=2",
    "127.0.0.1",
    "thing",
    "our@http:distro:sys",
  ]);
  const decided = await node.post(API, { Decide: 202 });
  assert.deepEqual(
    [
      decided.status,
      decided.headers.get("x-decided"),
      decided.headers.get("content-type"),
      await decided.json(),
    ],
    [202, "yes", "application/json", "decided"],
  );
});

Deno.test("a status without a body has none, for any value of its handler", async () => {
  await using node = await host(["notebook"]);
  const reply = await node.post(API, { Decide: 204 });
  assert.deepEqual([reply.status, reply.headers.get("content-type"), await reply.text()], [204, null, ""]);
});

Deno.test("a status that no reply can have is the handler's failure, and undone", async () => {
  await using node = await host(["notebook"]);
  for (const status of [0, 42, 101, 199, 600, 4_000_000_000]) {
    await errorOf(await node.post(API, { Decide: status }), "failed");
  }
  assert.equal(await valueOf(await node.post(API, { Count: null })), 1);
});
