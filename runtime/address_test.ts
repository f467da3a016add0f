/** Addresses, and keys of any text in them. */
import assert from "node:assert/strict";
import { formatAddress, idOf, keyedId, parseAddress } from "./address.ts";
import { keyId } from "./storage/key_order.ts";

const parts = { node: "our", process: "room", package: "chat", publisher: "me.os" };

Deno.test("an address and an id are read into their parts", () => {
  assert.deepEqual(parseAddress("room:chat:me.os"), parts);
  assert.deepEqual(parseAddress("our@room:chat:me.os"), parts);
  assert.deepEqual(parseAddress("other.node@room.general:chat:me.os"), {
    ...parts,
    node: "other.node",
    key: "general",
  });
  assert.deepEqual(parseAddress("room.a.b:chat:me.os").key, "a.b", "the first dot separates");
});

Deno.test("what is no address is refused with the part that is wrong", () => {
  const wrong: [string, RegExp][] = [
    ["", /it has 1 parts/],
    ["room:chat", /it has 2 parts where process:package:publisher has 3: "room:chat"/],
    ["room:chat:me.os:more", /it has 4 parts/],
    ["a@b@room:chat:me.os", /more than one "@"/],
    ["@room:chat:me.os", /the node before "@" is empty/],
    ["Room:chat:me.os", /the process is not lower-case.*: "Room"/],
    [":chat:me.os", /the process is not/],
    ["1room:chat:me.os", /the process is not/],
    ["room:Chat:me.os", /the package is not.*: "Chat"/],
    ["room::me.os", /the package is not/],
    ["room:chat:", /the publisher is not a dotted name: ""/],
    ["room:chat:.os", /the publisher/],
    ["room:chat:me..os", /the publisher/],
    ["room.:chat:me.os", /its key is empty/],
    ["room.%:chat:me.os", /its key is not encoded/],
    ["room.%ff:chat:me.os", /its key is not encoded/],
    ["__proto__:chat:me.os", /the process is not/],
  ];
  for (const [text, reason] of wrong) {
    assert.throws(() => parseAddress(text), { code: "bad_address", message: reason }, text);
  }
});

const KEYS = [
  "general",
  "a.b",
  ".",
  "..",
  "a/b",
  "a:b@c",
  "100%",
  "%41",
  "a b",
  "\u0000",
  "\n",
  "grün",
  "gru\u0308n",
  "日本",
  "👩‍👩‍👧",
  "__proto__",
  "constructor",
  "our",
  "~!*'()",
  "?#&=+",
  '"\\',
  "x".repeat(512),
  "ü".repeat(256),
];

Deno.test("any text is a key, comes back as it was, and is no other one", () => {
  const ids = KEYS.map((key) => keyedId("room:chat:me.os", key));
  for (const [at, id] of ids.entries()) {
    assert.deepEqual(parseAddress(id), { ...parts, key: KEYS[at] });
    assert.equal(idOf(parseAddress(id)), id);
    assert.equal(formatAddress(parseAddress(id)), `our@${id}`);
    assert.equal(new URL(`http://localhost/${id}/api`).pathname, `/${id}/api`, "it stands in a URL as it is");
  }
  assert.equal(new Set(ids).size, KEYS.length);
  assert.equal(new Set(KEYS.map((key) => keyId(["state", "room:chat:me.os", key]))).size, KEYS.length);
});

Deno.test("a key that is written in another way is the same key", () => {
  for (
    const text of ["room.%67eneral:chat:me.os", "our@room.general:chat:me.os", "room.g%65neral:chat:me.os"]
  ) {
    assert.equal(idOf(parseAddress(text)), "room.general:chat:me.os");
  }
  assert.equal(idOf(parseAddress("room.grün:chat:me.os")), idOf(parseAddress("room.gr%c3%bcn:chat:me.os")));
});

Deno.test("a key has a length, and is Unicode", () => {
  assert.throws(() => keyedId("room:chat:me.os", ""), { code: "bad_address", message: /its key is empty/ });
  for (const key of ["x".repeat(513), "ü".repeat(257), "日".repeat(171)]) {
    assert.throws(() => keyedId("room:chat:me.os", key), {
      message: /more than 512 bytes \(KEY_BYTES_MAX\)/,
    });
  }
  assert.equal(parseAddress(keyedId("room:chat:me.os", "日".repeat(170))).key, "日".repeat(170));
  assert.throws(() => keyedId("room:chat:me.os", "\ud800"), {
    code: "bad_address",
    message: /not valid Unicode/,
  });
});
