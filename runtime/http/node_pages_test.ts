/**
 * The node's own pages: health, the homepage, and the API of the `denizen` command, which only its owner may
 * use.
 */
import assert from "node:assert/strict";
import * as path from "node:path";
import { gate } from "../../tests/gate.ts";
import { errorOf, host, type Hosted, valueOf } from "../../tests/hosted.ts";
import { rawRequest, sendRaw } from "../../tests/raw_http.ts";

const ID = "notebook:tests:denizen.os";

interface Owned extends AsyncDisposable {
  readonly node: Hosted;
  readonly token: string;
}

/** A node on a data folder, with the token that stands there. */
async function owned(...apps: string[]): Promise<Owned> {
  const data = await Deno.makeTempDir({ prefix: "node_pages_" });
  const node = await host(apps, { data });
  const info = JSON.parse(await Deno.readTextFile(path.join(data, "node.json"))) as {
    token: string;
    url: string;
  };
  assert.equal(info.url, node.node.url);
  return {
    node,
    token: info.token,
    [Symbol.asyncDispose]: async () => {
      await node.node.drain();
      await Deno.remove(data, { recursive: true });
    },
  };
}

Deno.test("the health page tells the node's name", async () => {
  await using node = await host(["notebook"], { name: "ada" });
  assert.deepEqual(await valueOf(await node.get("/healthz")), { status: "ok", node: "ada" });
  const head = await node.get("/healthz", { method: "HEAD" });
  assert.deepEqual([head.status, await head.text()], [200, ""]);
});

Deno.test("the homepage lists what is hosted, and takes no text for HTML", async () => {
  await using node = await host(["notebook", "shelf", "site"], { name: "<script>alert(1)</script>" });
  const page = await node.get("/");
  assert.deepEqual([page.status, page.headers.get("content-type")], [200, "text/html; charset=UTF-8"]);
  const text = await page.text();
  for (
    const part of [
      "Node &lt;script&gt;",
      `href="/site:tests:denizen.os/"`,
      "/shelf.&lt;key&gt;:tests:denizen.os/books",
      "GET",
    ]
  ) {
    assert.ok(text.includes(part), part);
  }
  assert.ok(!text.includes("<script>"));
});

Deno.test("a page that is not there is a 404, and a method it does not have a 405", async () => {
  await using node = await host(["notebook"]);
  for (
    const page of [
      "/favicon.ico",
      "/healthz/",
      "/index.html",
      "/..%2f..%2fetc/passwd",
      "/%00",
      "/%",
      "/notebook",
    ]
  ) {
    const { message } = await errorOf(await node.get(page), "unknown_path");
    assert.match(message, /^Cannot GET \/.* as nothing is bound there$/);
  }
  for (const page of ["/", "/healthz", "/?a=b"]) {
    const reply = await node.post(page, {});
    assert.equal(reply.headers.get("allow"), "GET, HEAD");
    await errorOf(reply, "method_not_allowed");
  }
});

Deno.test("the node's API is for those who can read its data folder", async () => {
  await using owner = await owned("notebook");
  const { node, token } = owner;
  const wrong = [
    "",
    "Bearer",
    "Bearer ",
    `Bearer ${token}x`,
    `Bearer ${token.slice(0, -1)}x`,
    token,
    `bearer ${token}`,
    `Basic ${token}`,
  ];
  for (const page of ["/-/processes", "/-/definitions", `/-/call/${ID}`, "/-/nothing"]) {
    for (const authorization of [undefined, ...wrong]) {
      const headers = authorization === undefined ? undefined : { authorization };
      const reply = await node.get(page, { headers });
      assert.equal(reply.headers.get("www-authenticate"), "Bearer");
      const { message } = await errorOf(reply, "unauthorized");
      assert.doesNotMatch(message, new RegExp(token));
    }
  }
  const headers = { authorization: `Bearer ${token}` };
  const { processes } = await valueOf(await node.get("/-/processes", { headers })) as {
    processes: { id: string }[];
  };
  assert.deepEqual(processes.map(({ id }) => id), [ID]);
  await errorOf(await node.get("/-/nothing", { headers }), "unknown_path");
  await errorOf(await node.get(`/-/call/${ID}`, { headers }), "method_not_allowed");
});

Deno.test("the node's API is closed to what comes through a proxy", async () => {
  await using owner = await owned("notebook");
  const { node, token } = owner;
  for (const header of ["x-forwarded-for", "forwarded", "x-real-ip", "x-forwarded-host", "via"]) {
    const headers = { authorization: `Bearer ${token}`, [header]: "127.0.0.1" };
    const { message } = await errorOf(await node.get("/-/processes", { headers }), "forbidden");
    assert.match(message, /^Cannot use the node's API as it is for this machine only/);
  }
});

Deno.test("the node's API lists processes and definitions", async () => {
  await using owner = await owned("notebook", "shelf");
  const { node, token } = owner;
  const headers = { authorization: `Bearer ${token}` };
  await errorOf(await node.post(`/${ID}/api`, { Fail: null }), "failed");
  const { processes } = await valueOf(await node.get("/-/processes", { headers })) as {
    processes: unknown[];
  };
  assert.deepEqual(processes, [{ id: ID, status: "active", waiting: 0, messages: 1, failures: 1 }]);
  type Listed = { id: string; keyed: boolean; paths: string[]; handlers: { tag: string; route?: string }[] };
  const { definitions } = await valueOf(await node.get("/-/definitions", { headers })) as {
    definitions: Listed[];
  };
  assert.deepEqual(definitions.map(({ id, keyed, paths }) => [id, keyed, paths]), [
    [ID, false, [`/${ID}/api`, `/${ID}/also`, `/${ID}/büro`]],
    ["shelf:tests:denizen.os", true, ["/shelf.<key>:tests:denizen.os/api"]],
  ]);
  const routes = definitions[1]!.handlers.map(({ route }) => route).filter(Boolean);
  assert.ok(routes.includes("PUT /shelf.<key>:tests:denizen.os/books/:title"));
});

Deno.test("a call through the node's API reports every kind of outcome", async () => {
  await using owner = await owned("notebook");
  const { node, token } = owner;
  const call = async (body: unknown, address = ID, headers: Record<string, string> = {}) => {
    const path = `/-/call/${encodeURIComponent(address)}`;
    const reply = await node.post(path, body, { headers: { authorization: `Bearer ${token}`, ...headers } });
    return await valueOf(reply) as {
      status: string;
      value?: unknown;
      error?: { code: string; message: string };
    };
  };
  assert.deepEqual(await call({ Count: null }), { status: "Success", value: 1 });
  assert.deepEqual(await call({ Update: [{ title: "A", dueDate: "2030-01-01" }, true] }), {
    status: "Success",
    value: 1,
  });
  const cases: [unknown, string, string, string?, Record<string, string>?][] = [
    [{ Fail: null }, "Failed", "failed"],
    [{ Refuse: 5 }, "Refused", "refused"],
    [{ Misreply: null }, "DeserializationError", "reply_invalid"],
    [{ Update: [1, 2] }, "BuildError", "invalid_argument"],
    [{ Nothing: null }, "Refused", "unknown_handler"],
    [{ Echo: "http only" }, "Refused", "wrong_transport"],
    [{}, "BuildError", "malformed"],
    ["", "BuildError", "malformed"],
    [{ Count: null }, "Offline", "offline", `elsewhere@${ID}`],
    [{ Count: null }, "Refused", "unknown_process", "nothing:at:all"],
    [{ Count: null }, "BuildError", "bad_address", "nothing"],
    [{ Count: null }, "Refused", "bad_option", ID, { "denizen-timeout-ms": "soon" }],
    [{ Count: null }, "Refused", "bad_option", ID, { "denizen-timeout-ms": "-1" }],
    [{ Hold: "api" }, "Timeout", "timeout", ID, { "denizen-timeout-ms": "1" }],
  ];
  for (const [body, status, code, address, headers] of cases) {
    const result = await call(body, address, headers);
    assert.deepEqual([result.status, result.error?.code], [status, code], JSON.stringify(body));
    assert.doesNotMatch(JSON.stringify(result), /password|\bat \S+ \(/);
  }
  gate("api").open();
  assert.deepEqual(await call({ Count: null }), { status: "Success", value: 2 });
  const broken = await node.post(`/-/call/${ID}`, "{", { headers: { authorization: `Bearer ${token}` } });
  await errorOf(broken, "malformed");
});

Deno.test("the node's pages cannot be reached under a name that only looks different", async () => {
  await using node = await host(["notebook"]);
  for (
    const target of [
      "/-/processes",
      "/%2d/processes",
      "/-/%70rocesses",
      "/./-/processes",
      "//-/processes",
      "/-//processes",
    ]
  ) {
    const { status } = await sendRaw(node.node.port, rawRequest(`GET ${target}`));
    assert.ok(status === 401 || status === 404, `${target}: ${status}`);
  }
});
