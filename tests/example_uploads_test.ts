/** How `examples/04_packs` handles large, unusual and equal uploads, and the loss of its index. */
import { type Node, startNode } from "@denizen/runtime";
import assert from "node:assert/strict";
import * as path from "node:path";
import { examplePacks } from "./example_packs.ts";
import { ROOT } from "./tidy/source_tree.ts";

const { requests, missing } = await examplePacks("04_packs", ["native", "wasm"]);

interface Upload {
  readonly hash: string;
  readonly names: string[];
  readonly bytes: number;
  readonly storedBytes: number;
  readonly excerpt: string | null;
  readonly near: { readonly hash: string; readonly similarity: number }[];
}

class Uploads {
  constructor(private readonly node: Node) {}

  get #url(): string {
    return `${this.node.url}/uploads:examples:denizen.os/files`;
  }

  send(name: string, body: BodyInit, headers: Record<string, string> = {}): Promise<Response> {
    return fetch(`${this.#url}/${encodeURIComponent(name)}`, { method: "POST", body, headers });
  }

  /** Of an upload that must succeed. */
  async add(name: string, body: BodyInit): Promise<Upload> {
    const reply = await this.send(name, body);
    assert.ok(reply.ok, `${name}: ${reply.status}`);
    return await reply.json();
  }

  async list(): Promise<Upload[]> {
    return await (await fetch(this.#url)).json();
  }

  async remove(hash: string): Promise<number> {
    const reply = await fetch(`${this.#url}/${hash}`, { method: "DELETE" });
    await reply.body?.cancel();
    return reply.status;
  }

  download(hash: string): Promise<Response> {
    return fetch(`${this.node.url}/content.${hash}:examples:denizen.os/bytes`);
  }
}

function uploadsTest(name: string, run: (uploads: Uploads, node: Node) => Promise<void>): void {
  const ignore = missing !== undefined && !Deno.env.get("CI");
  const fn = async () => {
    assert.equal(missing, undefined);
    await using node = await startNode({
      apps: [path.join(ROOT, "examples/04_packs")],
      packs: requests,
      port: 0,
    });
    await run(new Uploads(node), node);
  };
  Deno.test({ name, ignore, fn });
}

async function refused(reply: Response, status: number, pattern: RegExp): Promise<void> {
  const text = await reply.text();
  assert.equal(reply.status, status, text);
  assert.match(JSON.parse(text).error.message, pattern);
}

const NOTES =
  "Bring gloves and water. Beans go in on the right, and nobody waters after ten in the morning. ";

uploadsTest("files of every kind come back as they were", async (uploads) => {
  const random = crypto.getRandomValues(new Uint8Array(65_536));
  const files: [string, Uint8Array<ArrayBuffer>][] = [
    ["empty", new Uint8Array()],
    ["one byte", new Uint8Array(1)],
    ["random", random],
    ["zeros as large as may be", new Uint8Array(4_000_000)],
    ["text", new TextEncoder().encode(NOTES)],
    ["text that is cut inside a character", new TextEncoder().encode("a" + "😀".repeat(200_000))],
    ["text with a zero in it", new TextEncoder().encode(`${NOTES}\0${NOTES}`)],
    ["text that is not UTF-8", new Uint8Array([...new TextEncoder().encode(NOTES), 0xff])],
    ["text far down", new TextEncoder().encode(" \u0085\u200b\n".repeat(200) + NOTES)],
    ["no words", new TextEncoder().encode(" \n 12 + 34 ?! ")],
    ["tabs\tand ü/ö\\%2F表.txt", new TextEncoder().encode("x")],
  ];
  for (const [name, bytes] of files) {
    const { hash, names, bytes: size } = await uploads.add(name, bytes);
    assert.deepEqual([names, size], [[name], bytes.length]);
    const reply = await uploads.download(hash);
    assert.deepEqual(await reply.bytes(), bytes, name);
    assert.equal(reply.headers.get("content-type"), "application/octet-stream");
    assert.equal(reply.headers.get("content-disposition"), "attachment");
    assert.equal(reply.headers.get("x-content-type-options"), "nosniff");
  }
  assert.equal((await uploads.list()).length, files.length);
});

uploadsTest("what is too large, or has no name, is refused and leaves nothing", async (uploads) => {
  await refused(await uploads.send("a", new Uint8Array(4_000_001)), 413, /more than 4000000 bytes: 4000001/);
  await refused(await uploads.send("a", new Uint8Array(9_000_000)), 413, /BODY_BYTES_MAX/);
  await refused(await uploads.send("n".repeat(201), "x"), 422, /1 to 200 characters/);
  await refused(await uploads.send("   ", "x"), 422, /1 to 200 characters/);
  await refused(await uploads.download("0".repeat(64)), 404, /deleted or never was/);
  assert.equal(await uploads.remove("0".repeat(64)), 404);
  assert.deepEqual(await uploads.list(), []);
});

uploadsTest("the same bytes at once are stored once, under every name", async (uploads) => {
  const replies = await Promise.all(
    Array.from({ length: 12 }, (_, index) => uploads.send(`name ${index % 3}`, NOTES)),
  );
  assert.deepEqual(replies.map(({ status }) => status).sort(), [...Array(11).fill(200), 201]);
  await Promise.all(replies.map((reply) => reply.body?.cancel()));
  const [only, ...others] = await uploads.list();
  assert.deepEqual([only!.names, others], [["name 0", "name 1", "name 2"], []]);
});

uploadsTest(
  "what was deleted is gone, and is like nothing any more, until it comes again",
  async (uploads) => {
    const first = await uploads.add("first", NOTES);
    assert.equal(await uploads.remove(first.hash), 200);
    await refused(await uploads.download(first.hash), 404, /deleted/);
    const second = await uploads.add("second", `${NOTES}And cake.`);
    assert.deepEqual(second.near, []);
    const again = await uploads.add("first", NOTES);
    assert.deepEqual(again.near.map(({ hash }) => hash), [second.hash]);
    assert.equal(await (await uploads.download(again.hash)).text(), NOTES);
  },
);

uploadsTest("an index that is lost with its pack is made anew from the state", async (uploads, node) => {
  const hashes = [];
  for (const end of ["cake", "tea", "nothing"]) {
    hashes.push((await uploads.add(end, `${NOTES}And bring ${end}.`)).hash);
  }
  await node.packs.reload("vector");
  assert.equal(await uploads.remove(hashes.pop()!), 200);
  const { near } = await uploads.add("more", `${NOTES}And bring more cake.`);
  assert.deepEqual(near.map(({ hash }) => hash).sort(), hashes.sort());
});
