/** A node answers for its own hosts only, and takes the path from the request line alone (G12). */
import assert from "node:assert/strict";
import { host, type Hosted, valueOf } from "../../tests/hosted.ts";
import { sendRaw } from "../../tests/raw_http.ts";
import { DenizenError } from "../errors.ts";
import { KnownHosts, type KnownHostsOptions } from "./host.ts";

const PLAIN = { hostname: "127.0.0.1", origins: new Set<string>(), hosts: [] };

/** As the server gives a request whose line has no host. */
function asked(host: string | null, line = "/p?q"): Request {
  const headers = new Headers(host === null ? {} : { host });
  return { url: `http://${host || "127.0.0.1:8080"}${line}`, headers } as Request;
}

function outcome(hosts: KnownHosts, request: Request): string {
  try {
    return hosts.target(request);
  } catch (error) {
    assert.ok(error instanceof DenizenError);
    return error.code;
  }
}

function outcomes(options: Partial<KnownHostsOptions>, hosts: (string | null)[]): string[] {
  const known = new KnownHosts({ ...PLAIN, ...options });
  const all = hosts.map((host) => outcome(known, asked(host)));
  assert.deepEqual(hosts.map((host) => outcome(known, asked(host))), all, "the second time as the first");
  return [...new Set(all)];
}

Deno.test("loopback names and every IP address are this node's, with any port or none, as is no host at all", () => {
  const ours = ["localhost", "LOCALHOST:1", "app.localhost:8080", "localhost.", "127.0.0.1", "127.9.9.9:80"];
  const addresses = ["10.0.0.5:8080", "255.255.255.255", "0.0.0.0:8080", "[::1]", "[::1]:8080", "[fe80::1]:"];
  assert.deepEqual(outcomes({}, [...ours, ...addresses, "[::ffff:127.0.0.1]", null]), ["/p?q"]);
});

Deno.test("other names are not this node's, however near they come", () => {
  const names = [
    "evil.example",
    "evil.example:8080",
    "localhost.evil.example",
    "127.0.0.1.evil.example",
    "notlocalhost",
  ];
  const oddAddresses = [
    "127.1",
    "0x7f.0.0.1",
    "2130706433",
    "256.0.0.1",
    "1.2.3.4.5",
    "127.0.0.1..",
    ".localhost.x",
  ];
  assert.deepEqual(outcomes({}, [...names, ...oddAddresses]), ["misdirected"]);
});

Deno.test("what is no host is malformed", () => {
  const odd = [
    "",
    " ",
    "a b",
    "x/-/processes?",
    "x?",
    "x#y",
    "user@localhost",
    "user:word@localhost",
    "localhost:port",
  ];
  const ports = [
    "localhost:99999",
    "localhost:80:80",
    "localhost:-1",
    ":80",
    "[::1",
    "[::1]x",
    "[:::1]",
    "[]",
    "::1",
  ];
  assert.deepEqual(outcomes({}, [...odd, ...ports, "localhost\\x", "löcalhost", "%6cocalhost"]), [
    "malformed",
  ]);
});

Deno.test("the bound name, names of origins and those of the option are this node's", () => {
  const options = {
    hostname: "Box.local",
    origins: new Set(["https://app.example.com:8443"]),
    hosts: ["chat.example.org", "*.Wild.example"],
  };
  const ours = [
    "box.local:80",
    "app.example.com",
    "chat.example.org",
    "CHAT.example.org:1",
    "a.wild.example",
    "b.a.wild.example",
  ];
  assert.deepEqual(outcomes(options, ours), ["/p?q"]);
  assert.deepEqual(
    outcomes(options, ["wild.example", "x.chat.example.org", "notwild.example", "example.com"]),
    ["misdirected"],
  );
});

Deno.test("the path is that of the request line", () => {
  const known = new KnownHosts(PLAIN);
  for (const line of ["/", "/a/b?c=/d", "//evil.example/p", "/a#b", "/*", "/?", "/:80/"]) {
    for (const host of ["localhost", "[::1]:80", null]) assert.equal(known.target(asked(host, line)), line);
  }
});

Deno.test("a host in the request line goes before the header, which must be one of this node's all the same", () => {
  const known = new KnownHosts(PLAIN);
  const request = (url: string, host: string | null) => {
    return { url, headers: new Headers(host === null ? {} : { host }) } as Request;
  };
  assert.equal(outcome(known, request("http://localhost:7/p", "127.0.0.1")), "/p");
  assert.equal(outcome(known, request("http://evil.example/p", "localhost")), "misdirected");
  assert.equal(outcome(known, request("http://evil.example/p", null)), "misdirected");
  assert.equal(outcome(known, request("http://localhost/p", "evil.example")), "misdirected");
  assert.equal(outcome(known, request("http://localhost/p", "x/y")), "malformed");
  assert.equal(outcome(known, request("http://user@localhost/p", null)), "malformed");
  assert.equal(outcome(known, request("http://localhost:80", "localhost:80")), "malformed", "CONNECT");
});

Deno.test("hosts that are none are refused when the node starts", () => {
  for (const host of ["", "*", "*.", "https://a.example", "a.example:80", "a b", "a/b", ".a"]) {
    assert.throws(() => new KnownHosts({ ...PLAIN, hosts: [host] }), { code: "bad_option" }, host);
  }
});

Deno.test("foreign hosts fill no memory", () => {
  const known = new KnownHosts(PLAIN);
  for (let at = 0; at < 1_000; at++) {
    assert.equal(outcome(known, asked(`10.0.${at >> 8}.${at & 255}`)), "/p?q");
    assert.equal(outcome(known, asked(`host-${at}.example`)), "misdirected");
  }
});

/** A request with the headers as they are given, and the status and code of its reply. */
async function raw(node: Hosted, line: string, headers: string[], body = ""): Promise<string> {
  const length = body === "" ? [] : [`Content-Length: ${body.length}`];
  const head = [line, ...headers, ...length, "Connection: close", "", ""].join("\r\n");
  const reply = await sendRaw(node.node.port, head + body);
  if (reply.status < 400) return String(reply.status);
  const { code } = (JSON.parse(reply.body) as { error: { code: string } }).error;
  return `${reply.status} ${code}`;
}

Deno.test("a page whose name was led here can neither read, write nor open a WebSocket", async () => {
  await using node = await host(["notebook", "room"]);
  const rebound = [
    "Host: evil.example:8080",
    "Origin: http://evil.example:8080",
    "Sec-Fetch-Site: same-origin",
    "Content-Type: application/json",
  ];
  const api = "/notebook:tests:denizen.os/api";
  assert.equal(await raw(node, `POST ${api} HTTP/1.1`, rebound, '{"Count":null}'), "421 misdirected");
  assert.equal(await raw(node, "GET /healthz HTTP/1.1", rebound), "421 misdirected");
  const upgrade = [
    ...rebound,
    "Upgrade: websocket",
    "Sec-WebSocket-Version: 13",
    "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==",
  ];
  assert.equal(await raw(node, "GET /room.hall:tests:denizen.os/ws HTTP/1.1", upgrade), "421 misdirected");
  assert.equal(await valueOf(await node.post(api, { Count: null })), 1, "the refused request did not count");
});

Deno.test("an invalid host is a 400 without a line in the log, with an origin too", async () => {
  await using node = await host(["notebook"]);
  for (const odd of ["a b", "", "x/-/processes?", "user@localhost", "localhost:99999", "\u00e9"]) {
    for (const line of ["GET /healthz HTTP/1.1", "POST /notebook:tests:denizen.os/api HTTP/1.1"]) {
      const headers = [`Host: ${odd}`, "Origin: http://localhost"];
      assert.equal(await raw(node, line, headers), "400 malformed", `${line} ${odd}`);
    }
  }
  assert.deepEqual(node.log.filter(({ level }) => level === "error"), []);
});

Deno.test("a node answers without a host, for addresses of both kinds, and for names it was started with", async () => {
  await using node = await host(["notebook"], { hosts: ["chat.example.org"] });
  const { port } = node.node;
  for (const headers of [[], ["Host: [::1]:1"], [`Host: 127.0.0.1:${port}`], ["Host: chat.example.org"]]) {
    for (const version of ["1.0", "1.1"]) {
      assert.equal(await raw(node, `GET /healthz HTTP/${version}`, headers), "200", headers.join());
    }
  }
  assert.equal(await raw(node, "GET /-/processes HTTP/1.1", ["Host: localhost"]), "401 unauthorized");
});
