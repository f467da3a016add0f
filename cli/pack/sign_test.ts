import { needsCompilers } from "@denizen/pack-sdk/testing";
import assert from "node:assert/strict";
import { Folder } from "../_command_line.ts";
import { builtFixture, eventsOf, fails, folderWithBundle, succeeds } from "./_packs.ts";

const needsC = needsCompilers("c");

/** As `openssl genpkey -algorithm ed25519` writes it. */
const OPENSSL_KEY = `-----BEGIN PRIVATE KEY-----
MC4CAQAwBQYDK2VwBCIEIJ1hsZ3v/VpguoRK9JLsLMREScVpezJpGXA7rAMcrn9g
-----END PRIVATE KEY-----
`;
/** Of RFC 8032, section 7.1, test 1, whose private key that is. */
const OPENSSL_PUBLIC = "11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=";

Deno.test("a new key is for its owner only, and is never written over", async () => {
  await using folder = await Folder.with();
  const { out } = await succeeds(["pack", "sign", "--new-key", "me.pem"], folder.path);
  assert.match(out, /Made the key me\.pem/);
  assert.match(out, /for denizen\.packs\.<name>\.key in the deno\.json of apps:\n\n {2}[A-Za-z0-9+/]{43}=\n/);
  const { mode } = await Deno.stat(folder.file("me.pem"));
  if (Deno.build.os !== "windows") assert.equal(mode! & 0o777, 0o600);
  const before = await Deno.readTextFile(folder.file("me.pem"));
  assert.match(before, /^-----BEGIN PRIVATE KEY-----\n/);
  await fails(
    ["pack", "sign", "--new-key", "me.pem"],
    folder.path,
    1,
    /Cannot make a key in me\.pem as there is a file already/,
  );
  assert.equal(await Deno.readTextFile(folder.file("me.pem")), before);
});

Deno.test("a bundle is signed with a key of OpenSSL's, and again with another", needsC, async () => {
  await using folder = await folderWithBundle({ "openssl.pem": OPENSSL_KEY });
  await Deno.chmod(folder.file("openssl.pem"), 0o644);
  const first = await succeeds(["pack", "sign", "fixture.pack", "--key", "openssl.pem"], folder.path);
  assert.ok(first.out.includes(OPENSSL_PUBLIC));
  assert.match(first.out, /Others on this machine can read openssl\.pem: chmod 600 openssl\.pem/);
  await succeeds(["pack", "verify", "fixture.pack", "--key", OPENSSL_PUBLIC], folder.path);
  const again = await succeeds(
    ["pack", "sign", "fixture.pack", "--new-key", "me.pem", "--json"],
    folder.path,
  );
  const [key, signed] = eventsOf(again);
  assert.deepEqual([key!.event, signed!.event], ["key", "signed"]);
  await succeeds(["pack", "verify", "fixture.pack", "--key", signed!.publicKey as string], folder.path);
});

Deno.test("keys and packs that cannot be used are refused", needsC, async () => {
  const rsa = await crypto.subtle.generateKey(
    { name: "ECDSA", namedCurve: "P-256" },
    true,
    ["sign", "verify"],
  ) as CryptoKeyPair;
  const body = new Uint8Array(await crypto.subtle.exportKey("pkcs8", rsa.privateKey)).toBase64();
  await using folder = await folderWithBundle({
    "text.pem": "hello",
    "other.pem": `-----BEGIN PRIVATE KEY-----\n${body}\n-----END PRIVATE KEY-----\n`,
    "me.pem": OPENSSL_KEY,
  });
  const cases: [string[], number, RegExp][] = [
    [["fixture.pack"], 2, /Cannot sign as it takes one of --key <file> and --new-key <file>/],
    [["fixture.pack", "--key", "me.pem", "--new-key", "x"], 2, /takes one of/],
    [["--key", "me.pem"], 2, /Cannot sign as there is no bundle/],
    [["fixture.pack", "--key", "none.pem"], 1, /none\.pem as there is no such file\nhint: .*--new-key/],
    [["fixture.pack", "--key", "text.pem"], 1, /text\.pem as it is no private key in PEM/],
    [["fixture.pack", "--key", "other.pem"], 1, /other\.pem as it is no Ed25519 key/],
    [["text.pem", "--key", "me.pem"], 1, /it is no bundle, no WebAssembly module and no library/],
    [
      [await builtFixture(), "--key", "me.pem"],
      1,
      /as it is a folder and no bundle\nhint: denizen pack build/,
    ],
  ];
  const before = await Deno.readFile(folder.file("fixture.pack"));
  for (const [args, code, message] of cases) {
    await fails(["pack", "sign", ...args], folder.path, code, message);
  }
  assert.deepEqual(await Deno.readFile(folder.file("fixture.pack")), before);
});
