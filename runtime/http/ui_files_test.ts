/** Static files of a process: what is served, as what, and what is not. */
import assert from "node:assert/strict";
import * as path from "node:path";
import { definitions, errorOf, host, type Hosted, valueOf } from "../../tests/hosted.ts";
import { rawRequest, sendRaw } from "../../tests/raw_http.ts";
import type { Definition } from "../process/definition.ts";

const SITE = "/site:tests:denizen.os";

/**
 * The process of `tests/apps/site.ts` with another folder of files, and a file next to the folder that must
 * not be served.
 */
async function hostFolder(files: Record<string, string | Uint8Array>): Promise<Hosted & { root: string }> {
  const root = await Deno.makeTempDir({ prefix: "ui_files_" });
  const ui = path.join(root, "ui");
  await Deno.writeTextFile(path.join(root, "secret.txt"), "secret");
  for (const [name, content] of Object.entries({ "index.html": "<!doctype html>index", ...files })) {
    const file = path.join(ui, name);
    await Deno.mkdir(path.dirname(file), { recursive: true });
    await Deno.writeFile(file, typeof content === "string" ? new TextEncoder().encode(content) : content);
  }
  const site = (await definitions("site"))[0]!;
  const node = await host([{ ...site, ui } as Definition]);
  return {
    ...node,
    root,
    [Symbol.asyncDispose]: async () => {
      await node[Symbol.asyncDispose]();
      await Deno.remove(root, { recursive: true });
    },
  };
}

Deno.test("a page is served under its process's address, at the folder and at its name", async () => {
  await using node = await host(["site"]);
  for (const page of ["/", "/index.html", "/?query"]) {
    const reply = await node.get(SITE + page);
    assert.deepEqual([reply.status, reply.headers.get("content-type")], [200, "text/html; charset=utf-8"]);
    const text = await reply.text();
    assert.match(text, /<title>Site<\/title>/);
    assert.equal(reply.headers.get("content-length"), String(text.length));
  }
  const script = await node.get(`${SITE}/docs/app.js`);
  assert.equal(script.headers.get("content-type"), "text/javascript; charset=utf-8");
  assert.equal(await script.text(), "export const answer = 42;\n");
});

Deno.test("handlers and endpoints come before files, and do not hide them", async () => {
  await using node = await host(["site"]);
  assert.equal(await valueOf(await node.get(`${SITE}/about.html`)), "a handler comes before a file");
  assert.equal(await valueOf(await node.post(`${SITE}/api`, { Ping: null })), "pong");
  const missed: [string, string, string][] = [
    ["GET", "/api", "POST, PUT, PATCH, DELETE, OPTIONS"],
    ["GET", "/form", "POST, OPTIONS"],
    ["POST", "/", "GET, HEAD, OPTIONS"],
    ["POST", "/docs/app.js", "GET, HEAD, OPTIONS"],
    ["DELETE", "/about.html", "GET, HEAD, OPTIONS"],
  ];
  for (const [method, page, allow] of missed) {
    const reply = await node.get(SITE + page, { method });
    assert.equal(reply.headers.get("allow"), allow, page);
    await errorOf(reply, "method_not_allowed");
  }
  await errorOf(await node.post(`${SITE}/nowhere.html`, {}), "unknown_path");
});

Deno.test("a folder is redirected to where the relative links of its page hold", async () => {
  await using node = await hostFolder({ "a b/c/index.html": "nested", "empty/x.txt": "x" });
  const reply = await node.get(`${SITE}/a%20b/c?q=1`);
  assert.deepEqual([reply.status, reply.headers.get("location")], [308, "./c/?q=1"]);
  assert.equal(await (await fetch(node.url(`${SITE}/a%20b/c?q=1`))).text(), "nested");
  for (const page of ["/a%20b", "/a%20b/", "/empty", "/empty/", "/index.html/", "/a%20b/c/index.html/"]) {
    await errorOf(await node.get(SITE + page), "unknown_path");
  }
});

Deno.test("a file may be called anything that is not hidden", async () => {
  const names = [
    "\u00fcber uns.txt",
    "100%.txt",
    "a+b&c=d.txt",
    "a#b?c.txt",
    "%2e%2e.txt",
    "a..txt",
    "\u{1f600}.txt",
    "'quoted'.txt",
  ];
  await using node = await hostFolder(Object.fromEntries(names.map((name) => [name, name])));
  for (const name of names) {
    const reply = await node.get(`${SITE}/${encodeURIComponent(name)}`);
    assert.equal(await reply.text(), name);
    assert.equal(reply.headers.get("content-type"), "text/plain; charset=utf-8");
  }
});

Deno.test("types follow the names of files, and what is unknown is bytes", async () => {
  const types: Record<string, string> = {
    "a.html": "text/html; charset=utf-8",
    "a.css": "text/css; charset=utf-8",
    "a.JS": "text/javascript; charset=utf-8",
    "a.mjs": "text/javascript; charset=utf-8",
    "a.json": "application/json",
    "a.svg": "image/svg+xml; charset=utf-8",
    "a.png": "image/png",
    "a.wasm": "application/wasm",
    "a.woff2": "font/woff2",
    "a.unknown": "application/octet-stream",
    "plain": "application/octet-stream",
  };
  await using node = await hostFolder(Object.fromEntries(Object.keys(types).map((name) => [name, "x"])));
  for (const [name, type] of Object.entries(types)) {
    const reply = await node.get(`${SITE}/${name}`);
    await reply.body!.cancel();
    assert.equal(reply.headers.get("content-type"), type, name);
    assert.equal(reply.headers.get("x-content-type-options"), "nosniff");
  }
});

Deno.test("nothing outside the folder is served, for any path", async () => {
  await using node = await hostFolder({
    "docs/page.html": "page",
    ".env": "secret",
    ".git/config": "secret",
    "docs/.hidden/a.txt": "secret",
  });
  const absolute = path.join(node.root, "secret.txt");
  const paths = [
    "/../secret.txt",
    "/docs/../../secret.txt",
    "/..%2fsecret.txt",
    "/..%2Fsecret.txt",
    "/%2e%2e/secret.txt",
    "/%2e%2e%2fsecret.txt",
    "/docs/%2e%2e/%2e%2e/secret.txt",
    "/..%5csecret.txt",
    "/..\\secret.txt",
    "/docs\\..\\..\\secret.txt",
    "/%252e%252e/secret.txt",
    "/..%252fsecret.txt",
    "/..%c0%afsecret.txt",
    "/..;/secret.txt",
    `/${absolute}`,
    absolute,
    `/%2f${absolute.slice(1)}`,
    `/${encodeURIComponent(absolute)}`,
    `//${absolute}`,
    `/file://${absolute}`,
    "/./index.html",
    "/docs/./page.html",
    "//index.html",
    "/docs//page.html",
    "/index.html%00.txt",
    "/%00",
    "/index.html\\",
    "/.env",
    "/.git/config",
    "/docs/.hidden/a.txt",
    "/%2eenv",
    `/${"a".repeat(300)}`,
    `/${"a/".repeat(3_000)}`,
    "/docs/page.html/x",
    "/~root",
  ];
  for (const target of paths) {
    const { status, body } = await sendRaw(node.node.port, rawRequest(`GET ${SITE}${target}`));
    assert.ok(status === 404 || status === 400, `${target.slice(0, 80)}: ${status}`);
    assert.doesNotMatch(body, /"secret"|^secret/, target);
  }
  assert.deepEqual(node.log.filter(({ level }) => level !== "info"), []);
});

Deno.test("a link is followed inside of the folder, and not out of it", async () => {
  await using node = await hostFolder({ "docs/page.html": "page" });
  const ui = path.join(node.root, "ui");
  await Deno.symlink("docs/page.html", path.join(ui, "inside.html"));
  await Deno.symlink("../secret.txt", path.join(ui, "outside.txt"));
  await Deno.symlink("..", path.join(ui, "up"));
  await Deno.symlink("loop", path.join(ui, "loop"));
  await Deno.symlink("nowhere", path.join(ui, "dangling"));
  assert.equal(await (await node.get(`${SITE}/inside.html`)).text(), "page");
  for (const page of ["/outside.txt", "/up/secret.txt", "/up", "/up/", "/loop", "/dangling"]) {
    await errorOf(await node.get(SITE + page), "unknown_path");
  }
});

Deno.test("what is neither file nor folder is not opened", async () => {
  await using node = await hostFolder({});
  const { success } = await new Deno.Command("mkfifo", { args: [path.join(node.root, "ui", "pipe.txt")] })
    .output();
  assert.ok(success, "mkfifo is part of every system's base");
  await errorOf(await node.get(`${SITE}/pipe.txt`), "unknown_path");
});

Deno.test("HEAD says what GET would, and opens nothing", async () => {
  await using node = await hostFolder({ "a.txt": "twelve bytes" });
  const head = await node.get(`${SITE}/a.txt`, { method: "HEAD" });
  assert.deepEqual(
    [head.status, head.headers.get("content-length"), head.headers.get("content-type"), await head.text()],
    [200, "12", "text/plain; charset=utf-8", ""],
  );
  await errorOf(await node.get(`${SITE}/b.txt`), "unknown_path");
  assert.equal((await node.get(`${SITE}/b.txt`, { method: "HEAD" })).status, 404);
});

Deno.test("a client that has the file as it is gets it not again", async () => {
  await using node = await hostFolder({ "a.txt": "one" });
  const file = path.join(node.root, "ui", "a.txt");
  const first = await node.get(`${SITE}/a.txt`);
  assert.equal(await first.text(), "one");
  const etag = first.headers.get("etag")!;
  const modified = first.headers.get("last-modified")!;
  assert.equal(first.headers.get("cache-control"), "no-cache", "it asks each time");
  const known: Record<string, string>[] = [
    { "if-none-match": etag },
    { "if-none-match": `"x", ${etag}` },
    { "if-none-match": "*" },
    { "if-modified-since": modified },
  ];
  for (const headers of known) {
    for (const method of ["GET", "HEAD"]) {
      const reply = await node.get(`${SITE}/a.txt`, { headers, method });
      assert.deepEqual([reply.status, reply.headers.get("etag"), await reply.text()], [304, etag, ""]);
    }
  }
  await Deno.writeTextFile(file, "two, and longer");
  await Deno.utime(file, new Date("2040-01-01"), new Date("2040-01-01"));
  for (
    const headers of [...known.slice(0, 2), known[3]!, { "if-modified-since": "soon" }, {
      "if-none-match": '"x"',
      "if-modified-since": "Sun, 01 Jan 2040 00:00:00 GMT",
    }]
  ) {
    const reply = await node.get(`${SITE}/a.txt`, { headers });
    assert.deepEqual([reply.status, await reply.text()], [200, "two, and longer"]);
  }
});

Deno.test("a large file is streamed, and a client that goes away leaves nothing open", async () => {
  const content = new Uint8Array(20 * 1024 * 1024).map((_, at) => at % 251);
  await using node = await hostFolder({ "large.bin": content });
  const reply = await node.get(`${SITE}/large.bin`);
  assert.deepEqual(new Uint8Array(await reply.arrayBuffer()), content);
  const cut = await node.get(`${SITE}/large.bin`);
  await cut.body!.cancel();
});

Deno.test("files of a keyed process are the same under every key, and wake no process", async () => {
  const site = (await definitions("site"))[0]!;
  const room = (await definitions("room"))[0]!;
  await using node = await host([{ ...room, ui: site.ui } as Definition]);
  assert.match(await (await node.get("/room.a:tests:denizen.os/index.html")).text(), /Site/);
  await errorOf(await node.get("/room.:tests:denizen.os/index.html"), "bad_address");
  assert.deepEqual(node.node.processes, []);
});
