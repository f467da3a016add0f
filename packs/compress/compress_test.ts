import { type Carrier, PackFault } from "@denizen/pack-sdk";
import { conformance } from "@denizen/pack-sdk/conformance";
import { builtCarriers, instanceOf } from "@denizen/pack-sdk/testing";
import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import * as zlib from "node:zlib";

const TEXT = new TextEncoder().encode("All work and no play makes Jack a dull boy. ".repeat(5000));

function noise(length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  for (let at = 0; at < length; at += 65_536) crypto.getRandomValues(bytes.subarray(at, at + 65_536));
  return bytes;
}

const refused = (text: RegExp) => (error: unknown) =>
  error instanceof PackFault && error.status === -4 && text.test(error.message);

for (const { kind, file, open } of await builtCarriers(new URL("./", import.meta.url))) {
  const check = (name: string, body: (carrier: Carrier) => void) =>
    Deno.test(`compress as ${kind} ${name}`, () => {
      const carrier = open();
      body(carrier);
      carrier.close();
    });

  const compress = (carrier: Carrier, input: Uint8Array, config = {}) =>
    carrier.tick(instanceOf(carrier, "compress.zstd"), { input }, JSON.stringify(config))
      .output as Uint8Array;
  const decompress = (carrier: Carrier, input: Uint8Array, config = {}) =>
    carrier.tick(instanceOf(carrier, "compress.unzstd"), { input }, JSON.stringify(config))
      .output as Uint8Array;

  check("gives back what it compressed, at every level", (carrier) => {
    for (const input of [new Uint8Array(), new Uint8Array([1]), TEXT, noise(200_000)]) {
      for (const level of [-7, 1, 3, 10, 19]) {
        assert.deepEqual(decompress(carrier, compress(carrier, input, { level })), input);
      }
    }
    assert.ok(compress(carrier, TEXT).length < 200);
  });

  check("writes and reads what others read and write", (carrier) => {
    assert.deepEqual(new Uint8Array(zlib.zstdDecompressSync(compress(carrier, TEXT))), TEXT);
    assert.deepEqual(decompress(carrier, new Uint8Array(zlib.zstdCompressSync(TEXT))), TEXT);
  });

  check("compresses and decompresses in pieces, again and again", (carrier) => {
    const packing = instanceOf(carrier, "compress.zstd_stream"),
      unpacking = instanceOf(carrier, "compress.unzstd_stream");
    for (const input of [TEXT, noise(300_000)]) {
      const packed: Uint8Array[] = [];
      for (let at = 0; at < input.length; at += 10_000) {
        packed.push(carrier.tick(packing, { chunk: input.subarray(at, at + 10_000) }).output as Uint8Array);
      }
      packed.push(carrier.tick(packing, { finish: true }).output as Uint8Array);
      const whole = new Uint8Array(Buffer.concat(packed));
      assert.deepEqual(decompress(carrier, whole), input);
      const unpacked: Uint8Array[] = [];
      for (let at = 0; at < whole.length; at += 777) {
        const { output, done } = carrier.tick(unpacking, { chunk: whole.subarray(at, at + 777) });
        unpacked.push(output as Uint8Array);
        assert.equal(done, at + 777 >= whole.length);
      }
      assert.deepEqual(new Uint8Array(Buffer.concat(unpacked)), input);
    }
  });

  check("gives out what came so far when it is flushed", (carrier) => {
    const packing = instanceOf(carrier, "compress.zstd_stream"),
      unpacking = instanceOf(carrier, "compress.unzstd_stream");
    for (const text of ["first", "second"]) {
      const chunk = new TextEncoder().encode(text);
      const { output } = carrier.tick(packing, { chunk, flush: true });
      assert.deepEqual(carrier.tick(unpacking, { chunk: output }), { output: chunk, done: false });
    }
  });

  check("stops at the limit instead of filling the memory", (carrier) => {
    const bomb = compress(carrier, new Uint8Array(20 << 20));
    assert.ok(bomb.length < 4000);
    assert.throws(
      () => decompress(carrier, bomb, { limit: 1 << 20 }),
      refused(/larger than the limit: 1048576/),
    );
    assert.equal(decompress(carrier, bomb, { limit: 20 << 20 }).length, 20 << 20);
  });

  check("refuses what is not Zstandard, or not all of it", (carrier) => {
    assert.throws(() => decompress(carrier, noise(100)), refused(/zstd says/));
    assert.throws(() => decompress(carrier, new Uint8Array()), refused(/ends too early/));
    const packed = compress(carrier, TEXT), broken = packed.slice();
    assert.throws(() => decompress(carrier, packed.subarray(0, 50)), refused(/ends too early/));
    broken[broken.length - 1]! ^= 1;
    assert.throws(() => decompress(carrier, broken), refused(/checksum/));
    assert.throws(() => compress(carrier, TEXT, { level: 23 }), refused(/"level" is not from -7 to 22/));
  });

  const frame = new Uint8Array(zlib.zstdCompressSync(new Uint8Array(3000)));
  const samples = {
    "compress.zstd": { input: { input: new Uint8Array(1000) }, config: { level: 1 } },
    "compress.unzstd": { input: { input: frame } },
    "compress.zstd_stream": { input: { chunk: new Uint8Array(100), finish: true }, config: { level: 1 } },
    "compress.unzstd_stream": { input: { chunk: frame } },
  };
  for (const { name, run } of conformance(file, { samples, ticks: 2_000 })) {
    Deno.test(`compress as ${kind} ${name}`, run);
  }
}
