import { type Carrier, PackFault } from "@denizen/pack-sdk";
import { conformance } from "@denizen/pack-sdk/conformance";
import { builtCarriers, instanceOf } from "@denizen/pack-sdk/testing";
import assert from "node:assert/strict";

/** From the test vectors of BLAKE3: the input is 0, 1, …, 250, 0, 1, … of that length. */
const VECTORS: Record<number, readonly [hash: string, keyed: string, derived: string]> = {
  0: [
    "af1349b9f5f9a1a6a0404dea36dcc9499bcb25c9adc112b7cc9a93cae41f3262",
    "92b2b75604ed3c761f9d6f62392c8a9227ad0ea3f09573e783f1498a4ed60d26",
    "2cc39783c223154fea8dfb7c1b1660f2ac2dcbd1c1de8277b0b0dd39b7e50d7d",
  ],
  1: [
    "2d3adedff11b61f14c886e35afa036736dcd87a74d27b5c1510225d0f592e213",
    "6d7878dfff2f485635d39013278ae14f1454b8c0a3a2d34bc1ab38228a80c95b",
    "b3e2e340a117a499c6cf2398a19ee0d29cca2bb7404c73063382693bf66cb06c",
  ],
  1025: [
    "d00278ae47eb27b34faecf67b4fe263f82d5412916c1ffd97c8cb7fb814b8444",
    "357dc55de0c7e382c900fd6e320acc04146be01db6a8ce7210b7189bd664ea69",
    "effaa245f065fbf82ac186839a249707c3bddf6d3fdda22d1b95a3c970379bcb",
  ],
};
const KEY = new TextEncoder().encode("whats the Elvish word for friend").toHex();
const CONTEXT = "BLAKE3 2019-12-27 16:29:52 test vectors context";

function pattern(length: number): Uint8Array {
  return Uint8Array.from({ length }, (_, i) => i % 251);
}

const refused = (text: RegExp) => (error: unknown) =>
  error instanceof PackFault && error.status === -4 && text.test(error.message);

for (const { kind, file, open } of await builtCarriers(new URL("./", import.meta.url))) {
  const check = (name: string, body: (carrier: Carrier) => void) =>
    Deno.test(`hash as ${kind} ${name}`, () => {
      const carrier = open();
      body(carrier);
      carrier.close();
    });

  check("agrees with the test vectors of BLAKE3", (carrier) => {
    const instance = instanceOf(carrier, "hash.blake3");
    for (const [length, [hash, keyed, derived]] of Object.entries(VECTORS)) {
      const input = pattern(Number(length));
      const hex = (config: object) => carrier.tick(instance, { input }, JSON.stringify(config)).hex;
      assert.equal(hex({}), hash);
      assert.equal(hex({ key: KEY }), keyed);
      assert.equal(hex({ context: CONTEXT }), derived);
    }
  });

  check("gives a digest of any length as bytes and as text", (carrier) => {
    const instance = instanceOf(carrier, "hash.blake3");
    for (const length of [1, 32, 131, 65_536]) {
      const { digest, hex } = carrier.tick(instance, { input: "abc" }, JSON.stringify({ length }));
      assert.equal((digest as Uint8Array).length, length);
      assert.equal((digest as Uint8Array).toHex(), hex);
      assert.equal((hex as string).slice(0, 2), "64");
    }
  });

  check("hashes a text as its UTF-8", (carrier) => {
    const instance = instanceOf(carrier, "hash.blake3"), text = 'é "\n😀';
    const bytes = new TextEncoder().encode(text);
    assert.deepEqual(carrier.tick(instance, { input: text }), carrier.tick(instance, { input: bytes }));
  });

  check("hashes pieces as it hashes the whole, and starts again", (carrier) => {
    const one = instanceOf(carrier, "hash.blake3"), stream = instanceOf(carrier, "hash.blake3_stream");
    const input = pattern(300_000), { digest } = carrier.tick(one, { input });
    for (const step of [1000, 65_536, 300_000]) {
      for (let at = 0; at < input.length; at += step) {
        const chunk = input.subarray(at, at + step);
        assert.deepEqual(carrier.tick(stream, { chunk }), { bytes: Math.min(at + step, input.length) });
      }
      assert.deepEqual(carrier.tick(stream, { finish: true }).digest, digest);
    }
  });

  check("refuses a config that makes no sense, and inputs that are no bytes", (carrier) => {
    const instance = instanceOf(carrier, "hash.blake3");
    const hash = (config: object, input: unknown = "") => () =>
      carrier.tick(instance, { input }, JSON.stringify(config));
    assert.throws(hash({ length: 0 }), refused(/"length" is not from 1 to 65536/));
    assert.throws(hash({ key: "ab" }), refused(/not 64 hexadecimal digits/));
    assert.throws(hash({ key: KEY, context: "x" }), refused(/both a key and a context/));
    assert.throws(hash({}, 5), refused(/not an attachment/));
    assert.throws(hash({}, new Float32Array(1)), refused(/not an attachment/));
  });

  const samples = {
    "hash.blake3": { input: { input: pattern(1000) }, config: { length: 64 } },
    "hash.blake3_stream": { input: { chunk: pattern(100), finish: true } },
  };
  for (const { name, run } of conformance(file, { samples })) Deno.test(`hash as ${kind} ${name}`, run);
}
