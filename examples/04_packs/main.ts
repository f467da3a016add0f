/**
 * Shows a process that works with packs: uploads are hashed, compressed and compared with each other by
 * native code, or by the same code as WebAssembly where `--allow-ffi` is not granted. The packs have to be
 * built once, with compilers for C and Rust.
 *
 *     deno task packs && deno task gen && deno run -P=examples examples/04_packs/main.ts
 *
 * The page is `ui/index.html`: `deno task packs && deno task denizen run examples/04_packs`.
 */
import { findPacks, type Node, startNode } from "@denizen/runtime";
import * as assert from "node:assert/strict";
import config from "./deno.json" with { type: "json" };
import type { Upload } from "./uploads.ts";

const apps = [new URL(".", import.meta.url)];
const data = await Deno.makeTempDir();
const found = await findPacks({ settings: config.denizen.packs, folder: import.meta.dirname });
const packs = [...found.values()];

function filesOf(node: Node): string {
  return `${node.url}/uploads:examples:denizen.os/files`;
}

async function upload(node: Node, name: string, body: string): Promise<{ status: number; upload: Upload }> {
  const reply = await fetch(`${filesOf(node)}/${encodeURIComponent(name)}`, { method: "POST", body });
  return { status: reply.status, upload: await reply.json() };
}

async function download(node: Node, { hash }: Upload): Promise<Response> {
  return await fetch(`${node.url}/content.${hash}:examples:denizen.os/bytes`);
}

const notes =
  "The allotment opens at seven. Bring gloves and water. Beans go in on the right, and nobody waters " +
  "after ten. If the gate is locked, ask at the second shed. ";
const draft = notes.replace("seven", "eight").replace("gloves", "boots");

{
  await using node = await startNode({ apps, packs, data, port: 0 });
  for (const { name, place, reason } of node.packs.list()) console.log(`${name} runs as ${place}: ${reason}`);

  const first = await upload(node, "notes.txt", notes);
  assert.equal(first.status, 201);
  const again = await upload(node, "copy of notes.txt", notes);
  assert.equal(again.status, 200, "the same bytes are stored once");
  assert.deepEqual(again.upload.names, ["notes.txt", "copy of notes.txt"]);

  const long = await upload(node, "long.txt", notes.repeat(1000));
  assert.ok(long.upload.storedBytes < long.upload.bytes / 100);
  await fetch(`${filesOf(node)}/${long.upload.hash}`, { method: "DELETE" });
  assert.equal((await download(node, long.upload)).status, 404);
}

{
  await using node = await startNode({ apps, packs, data, port: 0 });
  const [kept, ...others] = await (await fetch(filesOf(node))).json() as Upload[];
  assert.equal(others.length, 0);
  assert.equal(await (await download(node, kept!)).text(), notes);

  const { near } = (await upload(node, "draft.txt", draft)).upload;
  assert.deepEqual(near.map(({ hash }) => hash), [kept!.hash]);
  console.log(`draft.txt is ${Math.round(near[0]!.similarity * 100)}% like ${kept!.names[0]}`);
}

await Deno.remove(data, { recursive: true });
console.log("ok: the uploads outlived their node, and so did what is like them");
