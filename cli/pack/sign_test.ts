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
/** Its public key; both are test 1 in section 7.1 of RFC 8032. */
const OPENSSL_PUBLIC = "11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=";

Deno.test("a new key is readable by its owner only, and never overwritten", async () => {
  await using folder = await Folder.with();
  const { out } = await succeeds(["pack", "sign", "--new-key", "me.pem"], folder.path);
  assert.match(out, /Created the key me\.pem/);
  assert.match(out, /for denizen\.packs\.<name>\.key in the deno\.json of apps:\n\n {2}[A-Za-z0-9+/]{43}=\n/);
  const { mode } = await Deno.stat(folder.file("me.pem"));
  if (Deno.build.os !== "windows") assert.equal(mode! & 0o777, 0o600);
  const before = await Deno.readTextFile(folder.file("me.pem"));
  assert.match(before, /^-----BEGIN PRIVATE KEY-----\n/);
  await fails(
    ["pack", "sign", "--new-key", "me.pem"],
    folder.path,
    1,
    /Cannot create a key in me\.pem as the file exists/,
  );
  assert.equal(await Deno.readTextFile(folder.file("me.pem")), before);
});

Deno.test("a bundle is signed with a key made by OpenSSL, and again with another key", needsC, async () => {
  await using folder = await folderWithBundle({ "openssl.pem": OPENSSL_KEY });
  await Deno.chmod(folder.file("openssl.pem"), 0o644);
  const first = await succeeds(["pack", "sign", "fixture.pack", "--key", "openssl.pem"], folder.path);
  assert.ok(first.out.includes(OPENSSL_PUBLIC));
  assert.match(first.out, /Other users of this machine can read openssl\.pem. Run chmod 600 openssl\.pem/);
  await succeeds(["pack", "verify", "fixture.pack", "--key", OPENSSL_PUBLIC], folder.path);
  const again = await succeeds(
    ["pack", "sign", "fixture.pack", "--new-key", "me.pem", "--json"],
    folder.path,
  );
  const [key, signed] = eventsOf(again);
  assert.deepEqual([key!.event, signed!.event], ["key", "signed"]);
  await succeeds(["pack", "verify", "fixture.pack", "--key", signed!.publicKey as string], folder.path);
});

Deno.test("unusable keys and packs are refused", needsC, async () => {
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
    [["fixture.pack"], 2, /Cannot sign as it needs exactly one of --key <file> and --new-key <file>/],
    [["fixture.pack", "--key", "me.pem", "--new-key", "x"], 2, /needs exactly one of/],
    [["--key", "me.pem"], 2, /Cannot sign as the bundle is missing/],
    [["fixture.pack", "--key", "none.pem"], 1, /none\.pem as there is no such file\nhint: .*--new-key/],
    [["fixture.pack", "--key", "text.pem"], 1, /text\.pem as it is not a private key in PEM/],
    [["fixture.pack", "--key", "other.pem"], 1, /other\.pem as it is not an Ed25519 key/],
    [["text.pem", "--key", "me.pem"], 1, /it is not a bundle, a WebAssembly module or a library/],
    [
      [await builtFixture(), "--key", "me.pem"],
      1,
      /as it is a folder, not a bundle\nhint: denizen pack build/,
    ],
  ];
  const before = await Deno.readFile(folder.file("fixture.pack"));
  for (const [args, code, message] of cases) {
    await fails(["pack", "sign", ...args], folder.path, code, message);
  }
  assert.deepEqual(await Deno.readFile(folder.file("fixture.pack")), before);
});
