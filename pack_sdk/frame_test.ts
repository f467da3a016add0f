import assert from "node:assert/strict";
import { FrameMemory } from "./frame_memory.ts";
import { readFrame } from "./frame_reader.ts";
import { writeFrame, writePayload } from "./frame_writer.ts";
import { PackFault } from "./pack_fault.ts";
import { chance, frameOf } from "./conformance/sample.ts";

function room(size = 64): { memory: FrameMemory; grow: (size: number) => void } {
  const memory = new FrameMemory(new Uint8Array(size));
  return { memory, grow: (size) => memory.bytes = new Uint8Array(size) };
}

function written(value: unknown): Uint8Array {
  const { memory, grow } = room();
  return memory.bytes.slice(0, writeFrameIn(memory, grow, value));
}

function writeFrameIn(memory: FrameMemory, grow: (size: number) => void, value: unknown): number {
  const length = writeFrame(memory, grow, value);
  assert.ok(length <= memory.bytes.length);
  return length;
}

function readBack(value: unknown, lend = false): unknown {
  const { memory, grow } = room();
  return readFrame(memory, writeFrameIn(memory, grow, value), lend);
}

function read(frame: Uint8Array): unknown {
  return readFrame(new FrameMemory(frame.slice()), frame.length, false);
}

const refused = (pattern: RegExp) => (error: unknown) =>
  error instanceof PackFault && error.code === "payload" && pattern.test(error.message);
const malformed = (pattern: RegExp) => (error: unknown) =>
  error instanceof PackFault && error.code === "result" && pattern.test(error.message);

Deno.test("a frame without attachments is its JSON and the length of it", () => {
  const frame = written({ a: "é" });
  assert.deepEqual([...frame.subarray(0, 4)], [10, 0, 0, 0]);
  assert.equal(new TextDecoder().decode(frame.subarray(4)), '{"a":"é"}');
});

Deno.test("attachments start at multiples of 8, counted from where the first of them may start", () => {
  const frame = written([new Uint8Array([1, 2, 3]), new Float64Array([1.5])]);
  const jsonLength = frame[0]!, base = (4 + jsonLength + 7) & ~7;
  assert.equal(
    new TextDecoder().decode(frame.subarray(4, 4 + jsonLength)),
    '[{"$bytes":[0,3]},{"$f64":[8,1]}]',
  );
  assert.equal(frame.length, base + 16);
  assert.deepEqual([...frame.subarray(4 + jsonLength, base)], Array(base - 4 - jsonLength).fill(0));
  assert.equal(new DataView(frame.buffer).getFloat64(base + 8, true), 1.5);
});

Deno.test("what is written is what is read", () => {
  const value = {
    plain: [null, true, -1.5, '\u0000"\\\n😀', { deep: [[{}]] }],
    every: [
      new Uint8Array([255]),
      new Int8Array([-1, 2]),
      new Uint16Array([65535]),
      new Int16Array([-3]),
      new Uint32Array([2 ** 32 - 1]),
      new Int32Array([-4]),
      new Float32Array([0.5, NaN]),
      new Float64Array([1 / 3]),
      new BigInt64Array([-(2n ** 63n)]),
      new BigUint64Array([2n ** 64n - 1n]),
    ],
    empty: [new Uint8Array(), new Float64Array()],
    part: new Uint8Array([1, 2, 3, 4]).subarray(1, 3),
    "$bytes": [0, 1],
    "__proto__x": 1,
  };
  for (const lend of [false, true]) assert.deepEqual(readBack(value, lend), value);
});

Deno.test("buffers, views and clamped arrays travel as bytes", () => {
  const { buffer } = new Uint8Array([1, 2, 3]);
  const bytes = new Uint8Array([1, 2, 3]);
  for (const value of [buffer, new DataView(buffer), new Uint8ClampedArray(buffer)]) {
    assert.deepEqual(readBack([value]), [bytes]);
  }
});

Deno.test("an attachment is a view when it is lent, and the caller's own when it is not", () => {
  const { memory, grow } = room();
  const length = writeFrame(memory, grow, [new Uint8Array([1, 2])]);
  const [lent] = readFrame(memory, length, true) as [Uint8Array];
  const [own] = readFrame(memory, length, false) as [Uint8Array];
  memory.bytes.fill(0);
  assert.deepEqual([lent[0], own[0]], [0, 1]);
});

Deno.test("the config is written next to the input, and only if there is one", () => {
  const text = (config: string) => {
    const { memory, grow } = room();
    return new TextDecoder().decode(
      memory.bytes.subarray(4, writePayload(memory, grow, { input: 1 }, config)),
    );
  };
  assert.equal(text("{}"), '{"input":{"input":1}}');
  assert.equal(text('{"ms":5}'), '{"input":{"input":1},"config":{"ms":5}}');
});

Deno.test("values with their own JSON are written as that", () => {
  assert.deepEqual(readBack({ at: new Date(0), none: undefined }), { at: "1970-01-01T00:00:00.000Z" });
});

Deno.test("what JSON would lose in silence is refused", () => {
  assert.throws(() => written({ a: [NaN] }), refused(/not finite: NaN/));
  assert.throws(() => written({ a: -Infinity }), refused(/not finite/));
  assert.throws(() => written({ a: 5n }), refused(/BigInt64Array/));
  assert.throws(() => written({ a: new Map() }), refused(/no Map/));
  assert.throws(() => written({ a: { "$f32": [0, 1] } }), refused(/taken for an attachment/));
  const ring: unknown[] = [];
  ring.push(ring);
  assert.throws(() => written(ring), refused(/nested deeper/));
});

Deno.test("a frame grows with what is written into it", () => {
  const value = { text: "é".repeat(1000), bytes: new Uint8Array(5000).fill(7) };
  assert.deepEqual(readBack(value), value);
});

Deno.test("a payload is the same in memory of any size that it fits in or has to grow from", () => {
  const input = { a: "é", $: ["x"], ["__proto__"]: 1 };
  for (const config of ["{}", '{"b":"ü"}']) {
    const text = `{"input":${JSON.stringify(input)}${config === "{}" ? "" : `,"config":${config}`}}`;
    const right = frameOf(text);
    for (let size = 0; size < 80; size++) {
      const { memory, grow } = room(size);
      const length = writePayload(memory, grow, input, config);
      assert.deepEqual(memory.bytes.slice(0, length), right, `in ${size} bytes`);
    }
  }
  const bytes = new Uint8Array([7]),
    own = Object.defineProperty({}, "__proto__", { value: bytes, enumerable: true });
  assert.match(new TextDecoder().decode(written(own)), /\{"__proto__":\{"\$bytes":\[0,1\]\}\}/);
});

Deno.test("a value without JSON is refused", () => {
  assert.throws(() => written({ toJSON: () => undefined }), refused(/there is no JSON/));
});

Deno.test("frames whose lengths are wrong are not read", () => {
  const right = written({ a: new Uint8Array([1]) });
  assert.throws(() => read(new Uint8Array(3)), malformed(/length is wrong: 3/));
  assert.throws(() => read(frameOf("{}", undefined, 3)), malformed(/longer than it: 3/));
  assert.throws(() => read(frameOf("{}", undefined, 0xffff_ffff)), malformed(/longer than it: 4294967295/));
  assert.throws(() => read(right.subarray(0, right.length - 1)), malformed(/not inside it: \[0,1\]/));
  assert.throws(
    () => readFrame(new FrameMemory(right), right.length + 1, false),
    malformed(/length is wrong/),
  );
});

Deno.test("attachments outside of their frame are not read", () => {
  const eight = new Uint8Array(8);
  for (
    const pair of [
      "[0,9]",
      "[16,0]",
      "[4,1]",
      "[-8,1]",
      "[0.5,1]",
      "[0]",
      "[0,1,2]",
      '"0,1"',
      "null",
      "[0,1e308]",
    ]
  ) {
    assert.throws(() => read(frameOf(`{"a":{"$bytes":${pair}}}`, eight)), malformed(/not inside it/), pair);
  }
  assert.throws(() => read(frameOf('{"a":{"\\u0024f64":[0,2]}}', eight)), malformed(/not inside it/));
});

Deno.test("many references to the same bytes do not make more than a frame may have", () => {
  const megabytes = new Uint8Array(16 << 20), reference = `{"$bytes":[0,${megabytes.length}]}`;
  const frame = frameOf(`[${Array(17).fill(reference).join()}]`, megabytes);
  assert.throws(
    () => readFrame(new FrameMemory(frame), frame.length, false),
    malformed(/attachments are longer than 268435456 bytes/),
  );
  assert.equal((readFrame(new FrameMemory(frame), frame.length, true) as unknown[]).length, 17);
});

Deno.test("what refers to attachments from deep inside is read down to where frames are written", () => {
  const nested = (depth: number) => frameOf('{"a":'.repeat(depth) + '{"$bytes":[0,0]}' + "}".repeat(depth));
  read(nested(240));
  for (const depth of [241, 100_000]) assert.throws(() => read(nested(depth)), malformed(/deeper than 240/));
});

Deno.test("JSON that is not JSON, or not UTF-8, is not read", () => {
  assert.throws(() => read(frameOf("{'a':1}")), malformed(/JSON is wrong/));
  assert.throws(() => read(frameOf(new Uint8Array([34, 0xff, 34]))), malformed(/JSON is wrong/));
  assert.deepEqual(read(frameOf('"\ufffd"')), "\ufffd");
});

Deno.test("frames that chance made are read or refused", () => {
  const seed = Date.now() % 1_000_000, random = chance(seed);
  const right = written({ a: [new Uint8Array(9), { b: new Float32Array(3) }], c: "é" });
  for (let round = 0; round < 20_000; round++) {
    const frame = right.slice(0, Math.ceil(random() * right.length));
    for (let i = 0; i < 3; i++) frame[Math.floor(random() * frame.length)] = Math.floor(random() * 256);
    try {
      read(frame);
    } catch (error) {
      assert.ok(error instanceof PackFault, `round ${round} with seed ${seed}: ${error}`);
    }
  }
});

Deno.test("what is taken as a span is referred to and not copied", () => {
  const { memory, grow } = room(), taken: Uint8Array[] = [];
  const spans = {
    accepts: (bytes: Uint8Array) => bytes.length >= 100,
    fill: (spans: readonly Uint8Array[]) => void taken.push(...spans),
  };
  const large = new Float64Array(20), small = new Uint8Array([1, 2, 3]);
  const value = [large, small, new Uint8Array(large.buffer, 8)];
  const length = writeFrame(memory, grow, value, "", "", spans);
  const jsonLength = memory.bytes[0]!,
    json = new TextDecoder().decode(memory.bytes.subarray(4, 4 + jsonLength));
  assert.equal(json, '[{"$f64":[4294967296,20]},{"$bytes":[0,3]},{"$bytes":[8589934592,152]}]');
  assert.equal(length, (4 + jsonLength + 7 & ~7) + 3);
  assert.deepEqual(taken.map(({ byteOffset, length }) => [byteOffset, length]), [[0, 160], [8, 152]]);
});
