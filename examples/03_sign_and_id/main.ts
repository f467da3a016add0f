/**
 * Shows a process that calls another through a generated stub, bytes on the wire, and a key that outlives
 * its node.
 *
 *     deno task gen && deno run -P=examples examples/03_sign_and_id/main.ts
 */
import { type Node, startNode } from "@denizen/runtime";
import * as assert from "node:assert/strict";

const apps = [new URL(".", import.meta.url)];
const data = await Deno.makeTempDir();
const message = new TextEncoder().encode("The door is open.");

/** The answer of `id` to a tagged body such as `{"Sign":"…"}`. */
async function ask(node: Node, body: unknown) {
  const url = `${node.url}/id:examples:denizen.os/api`;
  return await (await fetch(url, { method: "POST", body: JSON.stringify(body) })).json();
}

let signature: string;
{
  await using node = await startNode({ apps, data, port: 0 });
  const { Ok: signed } = await ask(node, { Sign: message.toBase64() });
  signature = signed.signature;

  const publicKey = Uint8Array.fromBase64(signed.publicKey);
  const key = await crypto.subtle.importKey("raw", publicKey, "Ed25519", true, ["verify"]);
  assert.ok(await crypto.subtle.verify("Ed25519", key, Uint8Array.fromBase64(signature), message));

  assert.deepEqual(await ask(node, { Sign: "" }), { Err: "Empty" });
  const signer = await fetch(`${node.url}/sign:examples:denizen.os/api`, {
    method: "POST",
    body: '"Identity"',
  });
  assert.equal(signer.status, 404, "the signer cannot be reached over HTTP");
}

{
  await using node = await startNode({ apps, data, port: 0 });
  assert.equal(await ask(node, { Verify: [message.toBase64(), signature] }), true);
  assert.equal(await ask(node, { Verify: [message.with(4, 0).toBase64(), signature] }), false);
}

await Deno.remove(data, { recursive: true });
console.log("ok: the signature outlived its node");
