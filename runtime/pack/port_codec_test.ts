import { DecodeError } from "@denizen/macro/codec";
import assert from "node:assert/strict";
import { PortCodec } from "./port_codec.ts";
import { readPortType } from "./port_type.ts";

function codecOf(type: string | undefined): PortCodec {
  return new PortCodec({ inports: ["port"], types: type === undefined ? {} : { port: type } });
}

function decoded(type: string | undefined, value: unknown): unknown {
  return codecOf(type).decode({ port: value }).port;
}

Deno.test("values from outside pass where they have the type of their port, and have its form then", () => {
  const bytes = new Uint8Array([1, 2, 3]), floats = new Float32Array([1.5, -2]);
  const float64 = new Uint8Array(floats.buffer).toBase64();
  const cases: [type: string | undefined, wire: unknown, value?: unknown][] = [
    [undefined, { any: ["thing", null] }],
    ["unknown", 1],
    ["Map<string, number>", "not read, so not checked"],
    ["string", "text"],
    ["number", 1.5],
    ["boolean", false],
    ["null", null],
    ['"cosine" | "dot"', "dot"],
    ["-1 | 2.5 | true", -1],
    ["bytes", bytes.toBase64(), bytes],
    ["Uint8Array", [1, 2, 3], bytes],
    ["Float32Array", float64, floats],
    ["Float32Array | undefined", [1.5, -2], floats],
    ["bytes | string", bytes.toBase64(), bytes.toBase64()],
    ["bytes | string", [1, 2, 3], bytes],
    ["bytes | number[]", [1, 2, 3], [1, 2, 3]],
    ["bytes[]", [bytes.toBase64()], [bytes]],
    ["Array<readonly string[]>", [["a"], []]],
    ["Record<string, bytes>", { a: "AQID" }, { a: bytes }],
    ['Record<"a" | "b", number>', { a: 1, b: 2 }],
    ["{ a: string; readonly 'b c'?: bytes }", { a: "x", "b c": "AQID" }, { a: "x", "b c": bytes }],
    ["{ a: string, b?: number }", { a: "x", b: null, more: [1] }, { a: "x", more: [1] }],
    ["{ a: string } & { b: number }", { a: "x", b: 1 }],
    ["Partial<{ a: string }>", {}],
    ["{ [key: string]: number[] }", { a: [1] }],
    ["[string, number?]", ["a"]],
    ["[at: number, ...rest: string[]]", [1, "a", "b"]],
    ["object", [1]],
    ["(string | { at: number })[];", ["a", { at: 1 }]],
  ];
  for (const [type, wire, value = wire] of cases) assert.deepEqual(decoded(type, wire), value, type);
});

Deno.test("a wrong value is refused with its path", () => {
  const cases: [type: string, wire: unknown, message: RegExp][] = [
    ["string", 1, /^\/port: expected string, got number 1$/],
    ["number", "1", /^\/port: expected a finite number/],
    ["number", undefined, /^\/port: expected a finite number, got /],
    ["bytes", "no base64!", /^\/port: expected bytes/],
    ["Float32Array", "AQID", /^\/port: expected Float32Array/],
    ["Uint32Array", [1, -1], /^\/port\/1: expected u32/],
    ["string[]", "a", /^\/port: expected a list/],
    ["string[]", ["a", 2], /^\/port\/1: expected string/],
    ["{ a: { b: number } }", { a: { b: "x" } }, /^\/port\/a\/b: expected a finite number/],
    ["{ a: string }", {}, /^\/port\/a: expected string/],
    ["{ a: string }", ["a"], /^\/port: expected an object/],
    ["{ a: number } | undefined", { a: "x" }, /^\/port\/a: expected a finite number/],
    ["string | { a: number }", { a: "x" }, /^\/port\/a: expected a finite number/],
    ["string | number[]", true, /^\/port: expected string \| number\[\], got .*true$/],
    ['"a" | "b"', "c", /^\/port: expected "a" \| "b"/],
    ["Record<string, number>", { a: 1, b: "x" }, /^\/port\/b: /],
    ["[string, number]", ["a"], /^\/port: expected a list of 2 values/],
    ["[string, number?]", ["a", 1, 2], /^\/port: expected a list of/],
    ["number | undefined", "x", /^\/port: expected a finite number/],
    ["never", 1, /^\/port: expected never/],
  ];
  for (const [type, wire, message] of cases) {
    assert.throws(() => decoded(type, wire), (error) => {
      assert.ok(error instanceof DecodeError, type);
      assert.match(error.message, message, type);
      return true;
    });
  }
});

Deno.test("ports that may be left out are, and unknown ports are refused", () => {
  assert.deepEqual(codecOf("number | undefined").decode({ port: null }), {});
  assert.deepEqual(codecOf("number | undefined | null").decode({ port: null }), { port: null });
  assert.deepEqual(codecOf("number | undefined").decode(null), {});
  assert.deepEqual(codecOf(undefined).decode({}), {});
  assert.throws(() => codecOf("number").decode([1]), /expected values by port/);
  assert.throws(
    () => codecOf("number").decode({ port: 1, other: 2 }),
    /^\S+ \/other: .*only the inports port/,
  );
  const reserved = new PortCodec({ inports: ["__proto__"], types: {} });
  const values = reserved.decode(JSON.parse('{ "__proto__": { "polluted": true } }'));
  assert.deepEqual(Object.keys(values), ["__proto__"]);
  assert.equal((values as { polluted?: unknown }).polluted, undefined);
});

Deno.test("values of a call are checked and copied", () => {
  const copied = (type: string | undefined, value: unknown) => codecOf(type).copy({ port: value }).port;
  const bytes = new Uint8Array([1, 2]);
  const value = { list: [bytes], open: { date: new Date(0) } };
  const copy = copied("{ list: bytes[] }", value) as typeof value;
  assert.deepEqual(copy, value);
  assert.notEqual(copy.list[0], bytes);
  assert.notEqual(copy.open.date, value.open.date);
  assert.throws(() => copied("bytes", "AQID"), /\/port: expected bytes/);
  assert.throws(() => copied("Float32Array", new Float64Array(1)), /\/port: expected Float32Array/);
  assert.throws(() => copied("{ a?: number }", { a: null }), /\/port\/a: expected a finite number/);
  assert.throws(() => copied("Record<string, number>", new Map([["a", 1]])), /\/port: expected an object/);
  assert.throws(() => copied(undefined, () => {}), /\/port: expected plain data/);
  assert.throws(() => copied("number", NaN), /\/port: expected a finite number/);
});

Deno.test("a type that is no plain data, too long or too deep is not checked, and reading it ends", () => {
  const cases = [
    "",
    "string |",
    "Foo",
    "Record<string>",
    "typeof globalThis",
    "() => void",
    "{ method(): void }",
    "{ a }",
    "1n",
    "string; Deno.exit(1)",
    "{ a: string } & { a: number }",
    `"${"x".repeat(3_000)}"`,
    "(".repeat(900) + "string" + ")".repeat(900),
    "Array<".repeat(300) + "string" + ">".repeat(300),
    "|".repeat(1_999),
    "[]".repeat(900),
  ];
  for (const text of cases) assert.deepEqual(readPortType(text), { kind: "any" }, text.slice(0, 60));
});
