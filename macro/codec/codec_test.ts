/** The checks and conversions of single values. */
import assert from "node:assert/strict";
import * as codec from "./mod.ts";
import { DecodeError, describe, inside, NESTING_MAX } from "./mod.ts";

type Convert = (value: unknown) => unknown;

/** What each function accepts, with what it gives, and what it refuses. */
const CONVERSIONS: Readonly<
  Record<string, { accepts: readonly (readonly [unknown, unknown])[]; refuses: readonly unknown[] }>
> = {
  checkU8: {
    accepts: [[0, 0], [255, 255], [-0, 0]],
    refuses: [-1, 256, 1.5, NaN, Infinity, "1", 1n, null, undefined, true, [1]],
  },
  checkU16: { accepts: [[0, 0], [65_535, 65_535], [-0, 0]], refuses: [-1, 65_536, 0.1, NaN] },
  checkU32: {
    accepts: [[0, 0], [4_294_967_295, 4_294_967_295], [-0, 0]],
    refuses: [-1, 4_294_967_296, 0.1, NaN, -Infinity],
  },
  checkI8: { accepts: [[-128, -128], [127, 127], [-0, 0]], refuses: [-129, 128, 0.1, NaN] },
  checkI16: { accepts: [[-32_768, -32_768], [32_767, 32_767]], refuses: [-32_769, 32_768, 0.1] },
  checkI32: {
    accepts: [[-2_147_483_648, -2_147_483_648], [2_147_483_647, 2_147_483_647]],
    refuses: [-2_147_483_649, 2_147_483_648],
  },
  decodeF64: {
    accepts: [[1.5, 1.5], ["NaN", NaN], ["Infinity", Infinity], ["-Infinity", -Infinity], ["-0", -0]],
    refuses: ["1.5", "nan", "", null, true, 1n, JSON.parse("1e400")],
  },
  encodeF64: {
    accepts: [[1.5, 1.5], [0, 0], [-0, "-0"], [NaN, "NaN"], [Infinity, "Infinity"], [-Infinity, "-Infinity"]],
    refuses: ["1", 1n, null, undefined],
  },
  decodeF32: {
    accepts: [[0.1, Math.fround(0.1)], ["NaN", NaN], ["-0", -0]],
    refuses: [1e300, -1e300, "0.1", JSON.parse("-1e400")],
  },
  encodeF32: {
    accepts: [[0.1, Math.fround(0.1)], [Infinity, "Infinity"], [-0, "-0"]],
    refuses: [1e300, "0.1"],
  },
  checkFinite: { accepts: [[1.5, 1.5], [-0, 0]], refuses: [NaN, Infinity, "NaN"] },
  decodeU64: {
    accepts: [[0, 0n], [2 ** 53 - 1, 2n ** 53n - 1n], ["18446744073709551615", 2n ** 64n - 1n], ["7", 7n], [
      "007",
      7n,
    ]],
    refuses: [-1, 2 ** 53, 1.5, "18446744073709551616", "-1", "1.5", "0x10", "1e3", "", " 1", 1n, null],
  },
  encodeU64: {
    accepts: [[7n, 7], [2n ** 53n - 1n, 2 ** 53 - 1], [2n ** 53n, "9007199254740992"]],
    refuses: [-1n, 2n ** 64n, 7, "7"],
  },
  decodeI64: {
    accepts: [[-1, -1n], ["-9223372036854775808", -(2n ** 63n)], ["9223372036854775807", 2n ** 63n - 1n]],
    refuses: ["-9223372036854775809", "9223372036854775808", "--1"],
  },
  encodeI64: { accepts: [[-1n, -1], [-(2n ** 63n), "-9223372036854775808"]], refuses: [2n ** 63n, -1] },
  decodeBigint: {
    accepts: [[5, 5n], ["-1" + "0".repeat(60), -(10n ** 60n)]],
    refuses: [0.5, NaN, "", "ten", "9".repeat(8_000_000)],
  },
  encodeBigint: { accepts: [[5n, 5], [10n ** 60n, "1" + "0".repeat(60)]], refuses: [5, 10n ** 100_000n] },
  checkString: {
    accepts: [["", ""], ["\ud800", "\ud800"]],
    refuses: [1, null, undefined, ["a"], new String("a")],
  },
  checkChar: {
    accepts: [["a", "a"], ["é", "é"], ["𝒳", "𝒳"], ["\uffff", "\uffff"], ["\0", "\0"]],
    refuses: ["", "ab", "\ud800", "\udc00", "𝒳a", "e\u0301", 1],
  },
  checkBoolean: { accepts: [[true, true]], refuses: [0, "true", null] },
  checkNull: { accepts: [[null, null]], refuses: [undefined, 0, {}] },
  decodeVoid: { accepts: [[null, undefined], [undefined, undefined]], refuses: [0, {}, ""] },
  encodeVoid: { accepts: [[undefined, null], [5, null]], refuses: [] },
  decodeDate: {
    accepts: [
      ["2024-02-29T23:59:59.999Z", new Date(Date.UTC(2024, 1, 29, 23, 59, 59, 999))],
      ["2024-05-06T07:08:09.120Z", new Date(Date.UTC(2024, 4, 6, 7, 8, 9, 120))],
      ["2024-05-06T07:08Z", new Date(Date.UTC(2024, 4, 6, 7, 8))],
      ["2024-05-06T07:08:09.123456789Z", new Date(Date.UTC(2024, 4, 6, 7, 8, 9, 123))],
      ["2024-05-31T01:00:00+02:00", new Date(Date.UTC(2024, 4, 30, 23))],
      ["2024-05-06", new Date(Date.UTC(2024, 4, 6))],
      ["0000-01-01T00:00:00.000Z", new Date(-62167219200000)],
      ["0099-12-28T00:00:00.000Z", new Date(-59011804800000)],
      ["+275760-09-13T00:00:00.000Z", new Date(8.64e15)],
      ["-271821-04-20T00:00:00.000Z", new Date(-8.64e15)],
    ],
    refuses: [
      "2024-05-06T07:08:09", // whose time zone?
      "2024-02-30T00:00:00.000Z",
      "2023-02-29T00:00:00.000Z",
      "2024-04-31",
      "2024-13-01T00:00:00.000Z",
      "2024-00-01T00:00:00.000Z",
      "2024-01-00T00:00:00.000Z",
      "2024-05-06T24:00:00.000Z",
      "2024-05-06T07:60:00.000Z",
      "2024-05-06T07:08:60.000Z",
      "2024-05-06T07:08:09.12xZ",
      "2024-05-06 07:08:09.123Z",
      "2024-05-06T07:08:09+2",
      "2024-05-06T07:08:09+25:00",
      "+275760-09-13T00:00:00.001Z",
      "May 6, 2024",
      "",
      0,
      null,
      new Date(0),
    ],
  },
  encodeDate: {
    accepts: [[new Date(0), "1970-01-01T00:00:00.000Z"]],
    refuses: [new Date(NaN), "1970-01-01", 0],
  },
  copyDate: { accepts: [[new Date(5), new Date(5)]], refuses: [new Date(NaN), 5] },
  decodeBytes: {
    accepts: [
      ["", new Uint8Array()],
      ["AQI=", new Uint8Array([1, 2])],
      ["AQI", new Uint8Array([1, 2])],
      ["AQ", new Uint8Array([1])],
      ["+/+/", new Uint8Array([251, 255, 191])],
      [[1, 255], new Uint8Array([1, 255])],
      [[], new Uint8Array()],
    ],
    refuses: ["A", "AQI$", "AR==", "AQ=", "-_-_", [256], [-1], ["1"], [, 1], { 0: 1, length: 1 }, null, 5],
  },
  encodeBytes: {
    accepts: [[new Uint8Array([1, 2]), "AQI="]],
    refuses: [[1, 2], new Int8Array(1), "AQI=", new ArrayBuffer(1)],
  },
  copyBytes: { accepts: [[new Uint8Array([1]), new Uint8Array([1])]], refuses: [[1], new Float64Array(1)] },
};

Deno.test("each conversion accepts its values and refuses all others", async (test) => {
  for (const [name, { accepts, refuses }] of Object.entries(CONVERSIONS)) {
    await test.step(name, () => {
      const convert = (codec as unknown as Record<string, Convert>)[name]!;
      for (const [value, expected] of accepts) {
        assert.deepStrictEqual(convert(value), expected, `of ${describe(value)}`);
      }
      for (const value of refuses) {
        assert.throws(() => convert(value), DecodeError, `accepts ${describe(value)} ${String(value)}`);
      }
    });
  }
});

Deno.test("bytes in a view of a larger or shared buffer are taken alone", () => {
  const whole = new Uint8Array([1, 2, 3, 4]);
  const part = whole.subarray(1, 3);
  assert.equal(codec.encodeBytes(part), "AgM=");
  assert.deepEqual(codec.copyBytes(part).buffer.byteLength, 2);
  const shared = new Uint8Array(new SharedArrayBuffer(2));
  assert.ok(codec.copyBytes(shared).buffer instanceof ArrayBuffer);
  assert.equal(codec.encodeTypedArray(new Int16Array(whole.buffer, 2, 1), "Int16Array"), "AwQ=");
});

Deno.test("typed arrays travel as the base64 of their bytes or as lists", () => {
  assert.deepEqual(codec.decodeTypedArray("AQACAA==", "Uint16Array"), new Uint16Array([1, 2]));
  assert.deepEqual(codec.decodeTypedArray([1, "NaN", "-0"], "Float64Array"), new Float64Array([1, NaN, -0]));
  assert.deepEqual(
    codec.decodeTypedArray([1, "18446744073709551615"], "BigUint64Array"),
    new BigUint64Array([1n, 2n ** 64n - 1n]),
  );
  assert.throws(() => codec.decodeTypedArray("AQAC", "Uint16Array"), /multiple of 2 bytes/);
  assert.throws(
    () => codec.decodeTypedArray([1, 65_536], "Uint16Array"),
    /^DecodeError: \/1: expected u16, got number 65536$/,
  );
  assert.throws(() => codec.encodeTypedArray(new Uint8Array(2), "Uint16Array"), DecodeError);
  assert.throws(() => codec.copyTypedArray([1], "Uint16Array"), DecodeError);
});

Deno.test("a set that names a value twice is refused, and so is a map with a key twice", () => {
  assert.throws(
    () => codec.decodeSet([1, 2, 1], codec.checkU8),
    /^DecodeError: \/2: expected each value once, got number 1$/,
  );
  assert.throws(
    () => codec.decodeMap([[1, 2], [1, 3]], codec.checkU8, codec.checkU8),
    /\/1: expected each key once/,
  );
  assert.throws(
    () => codec.decodeMap([[1, 2], [1]], codec.checkU8, codec.checkU8),
    /\/1: expected pair of key and value/,
  );
  assert.throws(
    () => codec.decodeMap([["x", 2]], codec.checkU8, codec.checkU8),
    /^DecodeError: \/0\/0: expected u8/,
  );
  assert.throws(
    () => codec.decodeMap([[1, "x"]], codec.checkU8, codec.checkU8),
    /^DecodeError: \/0\/1: expected u8/,
  );
});

Deno.test("a path grows from the inside out and escapes its steps as JSON Pointer does", () => {
  const error = new DecodeError("Date", "x");
  assert.equal(error.message, 'expected Date, got string "x"');
  assert.equal(error.path, "");
  for (const step of ["dueDate", 0, "a/b~c", "Update"]) inside(error, step);
  assert.equal(error.path, "/Update/a~1b~0c/0/dueDate");
  assert.equal(error.message, '/Update/a~1b~0c/0/dueDate: expected Date, got string "x"');
  assert.deepEqual([error.name, error.expected, error.actual], ["DecodeError", "Date", 'string "x"']);
  const other = new TypeError("other");
  assert.equal(inside(other, "x"), other);
  assert.equal(other.message, "other");
});

Deno.test("a message stays short for any input", () => {
  const long = "x".repeat(1_000_000);
  const error = new DecodeError("Date", long);
  for (let step = 0; step < 500; step++) inside(error, long);
  assert.ok(error.message.length < 2_000, `${error.message.length}`);
  assert.throws(
    () => codec.refuseUnknown({ [long]: long }, ["a"]),
    (error: Error) => error.message.length < 300,
  );
  assert.ok(describe(10n ** 100_000n).length < 50);
});

Deno.test("a description runs no code of the value", () => {
  const trap = () => assert.fail("ran code of the value");
  const value = {
    get a() {
      return trap();
    },
    toString: trap,
    toJSON: trap,
    [Symbol.toPrimitive]: trap,
  };
  assert.equal(describe(value), "object");
  const cases: readonly (readonly [unknown, string])[] = [
    [undefined, "nothing"],
    [null, "null"],
    [-0, "number -0"],
    [NaN, "number NaN"],
    [5n, "bigint 5"],
    ["a\nb", 'string "a\\nb"'],
    [true, "true"],
    [[1, 2], "list of 2"],
    [new Date(NaN), "invalid Date"],
    [new Date(0), "Date"],
    [new Map(), "Map"],
    [new Set(), "Set"],
    [new Uint8Array(), "bytes"],
    [() => {}, "function"],
    [Symbol("x"), "symbol"],
  ];
  for (const [given, text] of cases) assert.equal(describe(given), text);
});

Deno.test("plain JSON is checked and copied whole", () => {
  const value = { a: [1, null, { b: "x" }], ["__proto__"]: { polluted: true } };
  const given = JSON.parse(JSON.stringify(value));
  Object.defineProperty(given, "__proto__", { value: { polluted: true }, enumerable: true });
  const copy = codec.copyJson(given) as Record<string, unknown>;
  assert.deepEqual(copy, given);
  assert.equal(Object.getPrototypeOf(copy), Object.prototype);
  assert.ok(Object.hasOwn(copy, "__proto__"));
  assert.notEqual(copy.a, given.a);
  assert.ok(Object.is(codec.copyJson(-0), 0));
  assert.deepEqual(codec.copyJson(Object.create(null)), {});
  for (
    const wrong of [
      undefined,
      NaN,
      Infinity,
      1n,
      () => 1,
      Symbol("x"),
      new Date(),
      new Map(),
      [undefined],
      { a: undefined },
    ]
  ) {
    assert.throws(() => codec.copyJson(wrong), /expected JSON/);
  }
  assert.throws(() => codec.copyJson([1, , 3]), /^DecodeError: \/1: expected JSON, got nothing$/);
  assert.throws(
    () => codec.copyJson({ a: [{ b: NaN }] }),
    /^DecodeError: \/a\/0\/b: expected JSON, got number NaN$/,
  );
});

Deno.test("what nests too deep is refused, cycles among it", () => {
  const nested = (depth: number) => {
    let value: unknown = 1;
    for (let level = 0; level < depth; level++) value = level % 2 === 0 ? [value] : { a: value };
    return value;
  };
  assert.deepEqual(codec.copyJson(nested(NESTING_MAX)), nested(NESTING_MAX));
  for (const depth of [NESTING_MAX + 2, 1_000_000]) {
    assert.throws(() => codec.copyJson(nested(depth)), /expected at most 1000 levels/);
  }
  const cycle: unknown[] = [];
  cycle.push(cycle);
  assert.throws(() => codec.copyJson(cycle), DecodeError);
});
