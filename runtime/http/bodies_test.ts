/** Request bodies: their bound, their encoding, their labels, and those that never end or end too early. */
import assert from "node:assert/strict";
import { checkEnvelope, errorOf, host, valueOf } from "../../tests/hosted.ts";
import {
  connect,
  joined,
  parseReply,
  rawRequest,
  readReply,
  readToEnd,
  sendRaw,
  writeAll,
} from "../../tests/raw_http.ts";
import { BODY_BYTES_MAX } from "../limits.ts";

const API = "/notebook:tests:denizen.os/api";

/** A call of `Echo` whose body has exactly `size` bytes. */
function echoOf(size: number): string {
  const frame = '{"Echo":""}';
  return `{"Echo":"${"x".repeat(size - frame.length)}"}`;
}

Deno.test("a body of exactly the bound is taken", async () => {
  await using node = await host(["notebook"]);
  const text = await valueOf(await node.post(API, echoOf(BODY_BYTES_MAX))) as string;
  assert.equal(text.length, BODY_BYTES_MAX - '{"Echo":""}'.length);
});

Deno.test("a body that announces more than the bound is refused before it is sent", async () => {
  await using node = await host(["notebook"]);
  using connection = await connect(node.node.port);
  await writeAll(
    connection,
    `POST ${API} HTTP/1.1\r\nHost: localhost\r\nContent-Length: ${BODY_BYTES_MAX + 1}\r\n\r\n`,
  );
  const { status, headers, body } = await readReply(connection);
  assert.equal(status, 413);
  const { message } = checkEnvelope(body, headers, "payload_too_large");
  assert.equal(message, "Cannot take the body as it has more than 8388608 bytes (BODY_BYTES_MAX): 8388609");
});

Deno.test("a body without an announced length is refused as soon as it passes the bound", async () => {
  await using node = await host(["notebook"]);
  using connection = await connect(node.node.port);
  await writeAll(connection, `POST ${API} HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n`);
  let replied = false;
  const reading = readReply(connection).finally(() => replied = true);
  const chunk = joined("10000\r\n", new Uint8Array(0x10000).fill(0x20), "\r\n");
  let sent = 0;
  for (; !replied; sent += 0x10000) await writeAll(connection, chunk);
  const { status, headers, body } = await reading;
  assert.equal(status, 413);
  const { message } = checkEnvelope(body, headers, "payload_too_large");
  assert.match(
    message,
    /\(BODY_BYTES_MAX\): at least 8\d{6}$/,
    "it stopped at the first chunk beyond the bound",
  );
  assert.ok(sent > BODY_BYTES_MAX && sent < 4 * BODY_BYTES_MAX, `${sent} bytes were on their way`);
});

Deno.test("a chunked body within the bound is read whole", async () => {
  await using node = await host(["notebook"]);
  const parts = ['{"Echo":"caf', "\u00e9 ", '\u{1f600}"}'].map((part) => new TextEncoder().encode(part));
  // A character may be cut in two by the chunks.
  const split = joined(...parts);
  const body = ReadableStream.from([split.slice(0, 13), split.slice(13, 18), split.slice(18)]);
  assert.equal(await valueOf(await node.post(API, body)), "caf\u00e9 \u{1f600}");
});

Deno.test("a body that breaks off runs no handler, and leaves the node well", async () => {
  await using node = await host(["notebook"]);
  for (const head of ["Content-Length: 100", "Transfer-Encoding: chunked"]) {
    using connection = await connect(node.node.port);
    await writeAll(connection, `POST ${API} HTTP/1.1\r\nHost: localhost\r\n${head}\r\n\r\n`);
    await writeAll(connection, head.startsWith("C") ? '{"Count":null}' : 'e\r\n{"Count":null}\r\n');
    await connection.closeWrite();
    const reply = new TextDecoder().decode(await readToEnd(connection));
    if (reply !== "") {
      const { status, headers, body } = parseReply(reply);
      assert.equal(status, 400);
      checkEnvelope(body, headers, "malformed");
    }
  }
  assert.equal(await valueOf(await node.post(API, { Count: null })), 1);
  assert.deepEqual(node.log.filter(({ level }) => level === "error"), []);
});

Deno.test("a body that is not UTF-8 is malformed, announced or not", async () => {
  await using node = await host(["notebook"]);
  const wrong: number[][] = [[0xff], [0xc3], [0xe2, 0x82], [0xed, 0xa0, 0x80], [0xc0, 0xaf], [
    0xf5,
    0x80,
    0x80,
    0x80,
  ]];
  for (const bytes of wrong) {
    const body = joined('{"Echo":"a', new Uint8Array(bytes), 'b"}');
    for (const sent of [body, ReadableStream.from([body])]) {
      const { message } = await errorOf(await node.post(API, sent), "malformed");
      assert.equal(message, "Cannot read the body as it is not UTF-8", bytes.join());
    }
  }
});

Deno.test("a body may hold the replacement character, and start with a byte order mark", async () => {
  await using node = await host(["notebook"]);
  assert.equal(await valueOf(await node.post(API, '{"Echo":"a\ufffdb"}')), "a\ufffdb");
  assert.equal(await valueOf(await node.post(API, '\ufeff{"Echo":"a\ufffdb"}')), "a\ufffdb");
  assert.equal(await valueOf(await node.post(API, '\ufeff{"Count":null}')), 1);
});

Deno.test("JSON is accepted as JSON, with any content type", async () => {
  await using node = await host(["notebook"]);
  const types = [
    "application/json",
    "application/json; charset=utf-8",
    "application/vnd.denizen+json",
    "text/plain;charset=UTF-8",
    "application/x-www-form-urlencoded",
    "application/octet-stream",
    "",
  ];
  for (const [at, type] of types.entries()) {
    const reply = await node.post(API, '{"Count":null}', { headers: { "content-type": type } });
    assert.equal(await valueOf(reply), at + 1, type);
  }
  const unlabelled = await sendRaw(node.node.port, rawRequest(`POST ${API}`, '{"Count":null}'));
  assert.deepEqual([unlabelled.status, unlabelled.body], [200, String(types.length + 1)]);
});

Deno.test("what is no JSON is of the wrong type where its label says so, else malformed", async () => {
  await using node = await host(["notebook"]);
  const cases: [string, "malformed" | "unsupported_media_type"][] = [
    ["application/json", "malformed"],
    ["application/problem+json; charset=utf-8", "malformed"],
    ["text/plain", "malformed"],
    ["application/x-www-form-urlencoded", "malformed"],
    ["text/html", "unsupported_media_type"],
    ["multipart/form-data; boundary=x", "unsupported_media_type"],
    ["application/cbor", "unsupported_media_type"],
    ["application/jsonx", "unsupported_media_type"],
  ];
  for (const [type, code] of cases) {
    const { message } = await errorOf(
      await node.post(API, "a=1", { headers: { "content-type": type } }),
      code,
    );
    if (code === "unsupported_media_type") {
      assert.equal(message, `Cannot read the body as it is not JSON: its type is ${type}`);
    }
  }
});

Deno.test("a compressed body is of an unsupported type", async () => {
  await using node = await host(["notebook"]);
  const stream = new Blob(['{"Count":null}']).stream().pipeThrough(new CompressionStream("gzip"));
  const body = new Uint8Array(await new Response(stream).arrayBuffer());
  const headers = { "content-type": "application/json", "content-encoding": "gzip" };
  const { message } = await errorOf(await node.post(API, body, { headers }), "unsupported_media_type");
  assert.equal(message, "Cannot read the body as it is not JSON: its encoding is gzip");
});

Deno.test("a client that sends Expect gets 100 Continue", async () => {
  await using node = await host(["notebook"]);
  using connection = await connect(node.node.port);
  const headers = ["Host: localhost", "Expect: 100-continue", "Content-Length: 14"];
  await writeAll(connection, [`POST ${API} HTTP/1.1`, ...headers, "", ""].join("\r\n"));
  const buffer = new Uint8Array(1_000);
  const size = await connection.read(buffer);
  assert.match(new TextDecoder().decode(buffer.subarray(0, size!)), /^HTTP\/1\.1 100 Continue\r\n/);
  await writeAll(connection, '{"Count":null}');
  const { status, body } = await readReply(connection);
  assert.deepEqual([status, body], [200, "1"]);
});
