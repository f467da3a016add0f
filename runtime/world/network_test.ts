/** What every network does, checked with the machine's and with the one in memory. */
import assert from "node:assert/strict";
import { MemoryNetwork } from "../testing/memory_network.ts";
import { denoNetwork } from "./deno_network.ts";
import type { Connection, Handle, Network, Socket, SocketData, SocketEvents } from "./network.ts";

const OPTIONS = { messageBytesMax: 1_000, idleMs: 30_000 };
const LOCAL = { hostname: "127.0.0.1", port: 0 };

/** One end of a socket, with what it heard. */
class End implements SocketEvents {
  socket!: Socket;
  readonly heard: SocketData[] = [];
  readonly closed: Promise<[number, string]>;
  readonly #closed = Promise.withResolvers<[number, string]>();
  readonly opened = Promise.withResolvers<void>();
  #onMessage: (() => void) | undefined;

  constructor() {
    this.closed = this.#closed.promise;
  }

  open(): void {
    this.opened.resolve();
  }

  message(data: SocketData): void {
    this.heard.push(data);
    this.#onMessage?.();
  }

  close(code: number, reason: string): void {
    this.#closed.resolve([code, reason]);
  }

  async hears(count: number): Promise<SocketData[]> {
    while (this.heard.length < count) await new Promise<void>((resolve) => this.#onMessage = resolve);
    return this.heard;
  }
}

/** A server end and a client end that are open, on a listener of their own. */
async function pair(network: Network): Promise<{ server: End; client: End; stop(): Promise<void> }> {
  const [server, client] = [new End(), new End()];
  const listener = network.listen(LOCAL, (request) => {
    const { socket, response } = network.accept(request, server, OPTIONS);
    server.socket = socket;
    return response;
  });
  client.socket = network.connect(listener.url, client, OPTIONS);
  await Promise.all([server.opened.promise, client.opened.promise]);
  return { server, client, stop: () => listener.abort() };
}

function serve(network: Network, handle: Handle): { url: string; stop(): Promise<void> } {
  const listener = network.listen(LOCAL, handle);
  return { url: listener.url, stop: () => listener.abort() };
}

for (const [name, make] of [["deno", () => denoNetwork], ["memory", () => new MemoryNetwork()]] as const) {
  Deno.test(`${name} network: a request arrives with its headers and body, and its reply leaves`, async () => {
    const network = make();
    const completed = Promise.withResolvers<void>();
    const { url, stop } = serve(network, async (request, connection: Connection) => {
      void connection.completed.then(completed.resolve);
      const { method, headers } = request;
      const said = [method, headers.get("host"), headers.get("content-length"), headers.get("x-mine")];
      const body = await request.text();
      return Response.json([...said, body, connection.remoteAddr.hostname], { status: 201 });
    });
    const reply = await network.fetch(`${url}/a`, {
      method: "POST",
      body: "héllo",
      headers: { "x-mine": "1" },
    });
    assert.equal(reply.status, 201);
    const heard = await reply.json();
    assert.deepEqual(heard, ["POST", new URL(url).host, "6", "1", "héllo", "127.0.0.1"]);
    await completed.promise;
    const head = await network.fetch(url, { method: "HEAD" });
    assert.deepEqual([head.status, await head.text()], [201, ""]);
    await stop();
  });

  Deno.test(`${name} network: redirects are followed with their body, or not if that is asked for`, async () => {
    const network = make();
    const { url, stop } = serve(network, async (request) => {
      const { pathname } = new URL(request.url);
      if (pathname === "/end") return new Response(`${request.method} ${await request.text()}`);
      await request.body?.cancel();
      return new Response(null, { status: Number(pathname.slice(1)), headers: { location: "/end" } });
    });
    const post = { method: "POST", body: "text" };
    assert.equal(await (await network.fetch(`${url}/308`, post)).text(), "POST text");
    assert.equal(await (await network.fetch(`${url}/303`, post)).text(), "GET ");
    const manual = await network.fetch(`${url}/308`, { ...post, redirect: "manual" });
    assert.deepEqual([manual.status, manual.headers.get("location")], [308, "/end"]);
    await manual.body?.cancel();
    await stop();
  });

  Deno.test(`${name} network: a client that leaves aborts its request`, async () => {
    const network = make();
    const [entered, left] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    const { url, stop } = serve(network, async ({ signal }) => {
      signal.addEventListener("abort", () => left.resolve());
      entered.resolve();
      await left.promise;
      return new Response("late");
    });
    const leaving = new AbortController();
    const reply = network.fetch(url, { signal: leaving.signal });
    await entered.promise;
    leaving.abort();
    await assert.rejects(reply);
    await left.promise;
    await stop();
  });

  Deno.test(`${name} network: a listener that stops lets streams end, one that aborts cuts them`, async () => {
    for (const end of ["stopListening", "abort"] as const) {
      const network = make();
      const source = Promise.withResolvers<ReadableStreamDefaultController<Uint8Array>>();
      const listener = network.listen(LOCAL, () => {
        return new Response(new ReadableStream({ start: (controller) => source.resolve(controller) }));
      });
      const reply = network.fetch(listener.url);
      const stream = await source.promise;
      stream.enqueue(new TextEncoder().encode("first "));
      const text = (await reply).text();
      const ended = listener[end]();
      if (end === "stopListening") {
        stream.enqueue(new TextEncoder().encode("last"));
        stream.close();
        assert.equal(await text, "first last");
      } else await assert.rejects(text);
      await ended;
      await assert.rejects(network.fetch(listener.url), `after ${end}`);
    }
  });

  Deno.test(`${name} network: a port is taken once, and free again`, async () => {
    const network = make();
    const handle = () => new Response();
    const first = network.listen(LOCAL, handle);
    const again = { ...LOCAL, port: first.port };
    assert.throws(() => network.listen(again, handle), { code: "port_in_use" });
    await first.abort();
    await network.listen(again, handle).abort();
  });

  Deno.test(`${name} network: sockets carry text and bytes both ways, in order`, async () => {
    const { server, client, stop } = await pair(make());
    const bytes = new Uint8Array([1, 2, 3]);
    for (const [from, to] of [[server, client], [client, server]] as const) {
      from.socket.send("one");
      from.socket.send(bytes);
      from.socket.send("");
      assert.deepEqual(await to.hears(3), ["one", new Uint8Array([1, 2, 3]), ""]);
    }
    client.socket.send("before the end");
    client.socket.close(3_000, "enough");
    client.socket.send("after it");
    assert.deepEqual([await server.closed, await client.closed], [[3_000, "enough"], [3_000, "enough"]]);
    assert.deepEqual(server.heard.slice(3), ["before the end"]);
    assert.deepEqual([server.socket.isOpen, client.socket.isOpen], [false, false]);
    await stop();
  });

  Deno.test(`${name} network: a message beyond the bound closes the socket, and nothing behind it is heard`, async () => {
    for (const tooLarge of ["\u00e9".repeat(501), new Uint8Array(1_001)]) {
      const { server, client, stop } = await pair(make());
      client.socket.send("\u00e9".repeat(500));
      client.socket.send(tooLarge);
      assert.deepEqual(await client.closed, [
        1009,
        "a message has at most 1000 bytes (SOCKET_MESSAGE_BYTES_MAX)",
      ]);
      assert.deepEqual(server.heard, ["\u00e9".repeat(500)]);
      await stop();
    }
  });

  Deno.test(`${name} network: a connection that ends without a word closes with 1006`, async () => {
    const network = make();
    const refused = serve(network, () => new Response("no", { status: 404 }));
    const client = new End();
    network.connect(refused.url, client, OPTIONS);
    assert.equal((await client.closed)[0], 1006);
    await refused.stop();
    const alone = new End();
    network.connect(refused.url, alone, OPTIONS);
    assert.equal((await alone.closed)[0], 1006);
  });

  Deno.test(`${name} network: a malformed handshake is refused`, async () => {
    const network = make();
    const reasons: string[] = [];
    const { url, stop } = serve(network, (request) => {
      try {
        return network.accept(request, new End(), OPTIONS).response;
      } catch (error) {
        reasons.push((error as Error).message.split(": ")[1]!);
        return new Response(null, { status: 400 });
      }
    });
    await network.fetch(url);
    await network.fetch(url, { method: "POST" });
    assert.deepEqual(reasons, ["it has no header upgrade", "its method is POST"]);
    await stop();
  });
}

Deno.test("a socket in memory that is paused holds back what comes, until it is resumed", async () => {
  const { server, client, stop } = await pair(new MemoryNetwork());
  server.socket.pause!();
  for (const text of ["one", "two", "three"]) client.socket.send(text);
  client.socket.close(3_000, "");
  await new Promise((resolve) => setTimeout(resolve, 0));
  assert.deepEqual([server.heard, client.socket.bufferedBytes], [[], 11]);
  server.socket.resume!();
  assert.deepEqual(await server.hears(3), ["one", "two", "three"]);
  assert.deepEqual(await server.closed, [3_000, ""]);
  assert.equal(client.socket.bufferedBytes, 0);
  await stop();
});

Deno.test("the machine's sockets cannot be paused, and say so", async () => {
  const { server, client, stop } = await pair(denoNetwork);
  assert.equal(server.socket.pause, undefined);
  client.socket.close(1000, "");
  await server.closed;
  await stop();
});
