import assert from "node:assert/strict";
import { errorOf, host, valueOf } from "../../tests/hosted.ts";

const API = "/notebook:tests:denizen.os/api";
const FORM = { "content-type": "text/plain" };

Deno.test("a page of another site can neither send a form nor open a WebSocket", async () => {
  await using node = await host(["notebook", "site"]);
  const strangers: Record<string, string>[] = [
    { "sec-fetch-site": "cross-site" },
    { "sec-fetch-site": "cross-site", origin: "https://evil.example" },
    { origin: "https://evil.example" },
    { origin: "null" },
  ];
  for (const headers of strangers) {
    const reply = await node.post(API, { Count: null }, { headers: { ...FORM, ...headers } });
    await errorOf(reply, "forbidden");
  }
  assert.equal(await valueOf(await node.post(API, { Count: null })), 1, "none of them counted");
});

Deno.test("curl, programs and the node's own pages are let in", async () => {
  await using node = await host(["notebook"]);
  const friends: Record<string, string>[] = [
    {},
    { "sec-fetch-site": "none" },
    { "sec-fetch-site": "same-origin", origin: "http://127.0.0.1:1" },
    { "sec-fetch-site": "same-site", origin: "http://127.0.0.1:1" },
    { origin: "http://127.0.0.1:5173" },
  ];
  for (const [at, headers] of friends.entries()) {
    const reply = await node.post(API, { Count: null }, { headers: { ...FORM, ...headers } });
    assert.equal(await valueOf(reply), at + 1, JSON.stringify(headers));
  }
});

Deno.test("origins that the node was started with are let in", async () => {
  await using node = await host(["notebook"], { origins: ["https://app.example"] });
  const headers = { ...FORM, "sec-fetch-site": "cross-site", origin: "https://app.example" };
  assert.equal(await valueOf(await node.post(API, { Count: null }, { headers })), 1);
  const other = { ...headers, origin: "https://app.example.evil" };
  await errorOf(await node.post(API, { Count: null }, { headers: other }), "forbidden");
});

Deno.test("a preflight of another site gets no consent", async () => {
  await using node = await host(["notebook"]);
  const reply = await node.get(API, {
    method: "OPTIONS",
    headers: { origin: "https://evil.example", "access-control-request-method": "POST" },
  });
  assert.equal(reply.headers.get("access-control-allow-origin"), null);
});

Deno.test("what is no origin is refused at the start", async () => {
  for (const origin of ["app.example", "https://app.example/", "*"]) {
    await assert.rejects(host(["notebook"], { origins: [origin] }), { code: "bad_option" });
  }
});
