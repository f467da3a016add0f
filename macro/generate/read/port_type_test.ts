import assert from "node:assert/strict";
import { PortTypeReader } from "./port_type.ts";

const reader = new PortTypeReader();

Deno.test("types of plain data are kept, and bytes are a Uint8Array", () => {
  const cases: [string, string, boolean?][] = [
    ["string", "string"],
    ["number | undefined", "number", true],
    ["undefined", "undefined", true],
    ["bytes | undefined | string", "Uint8Array | string", true],
    ["bytes[]", "Uint8Array[]"],
    ["Record<string, bytes>", "Record<string, Uint8Array>"],
    ['"cosine" | "dot"', '"cosine" | "dot"'],
    ["-1 | 2.5 | null | true", "-1 | 2.5 | null | true"],
    ["{ a: string; readonly 'b c'?: number[] }", "{ a: string; readonly 'b c'?: number[]; }"],
    ["{ [key: string]: Float32Array }", "{ [key: string]: Float32Array; }"],
    ["readonly [a: string, ...b: number[]]", "readonly [ a: string, ...b: number[] ]"],
    ["(string | undefined)[]", "(string | undefined)[]"],
    ["string /* and */ // so on", "string"],
    ["string;", "string"],
  ];
  for (const [text, printed, optional = false] of cases) {
    assert.deepEqual(reader.read(text, "in"), { text: printed, optional }, text);
  }
});

Deno.test("bytes that come from a pack have an ArrayBuffer", () => {
  const read = (text: string) => reader.read(text, "out")?.text;
  assert.equal(read("bytes | string"), "Uint8Array<ArrayBuffer> | string");
  assert.equal(
    read("{ all: Record<string, BigInt64Array[]> }"),
    "{ all: Record<string, BigInt64Array<ArrayBuffer>[]>; }",
  );
  assert.equal(read("Array<number>"), "Array<number>");
});

Deno.test("types that are not plain data are refused", () => {
  const cases = [
    "",
    "string |",
    "any",
    "Foo",
    "T",
    "Map<string, number>",
    "Array",
    "Record<string>",
    "constructor",
    "__proto__",
    "typeof globalThis",
    "import('evil').Type",
    "keyof string",
    "unique symbol",
    "string extends 'a' ? 1 : 2",
    "`a${string}`",
    "() => void",
    "new () => object",
    "{ method(): void }",
    "{ ['computed']: string }",
    "{ get a(): string }",
    "{ a }",
    "{ [key: Evil]: string }",
    "this",
    "1n",
    "(".repeat(900) + "string" + ")".repeat(900) + "x",
    "x".repeat(3_000),
  ];
  for (const text of cases) assert.equal(reader.read(text, "in"), undefined, text.slice(0, 60));
});

Deno.test("a type that contains code is refused", () => {
  const cases = [
    "string; import 'evil'",
    "string; Deno.exit(1)",
    "string;;",
    "string\n}> = {}; Deno.exit(1); type X = Array<{",
    "string */ Deno.exit(1) /*",
    "string\nDeno.exit(1)",
    "string = Deno.exit(1)",
    "string>; console.log(1); type Y<Z = string",
    "{ a: string }; declare global { var x: string }",
    "string\u2028Deno.exit(1)",
    "<T>string",
  ];
  for (const text of cases) assert.equal(reader.read(text, "in"), undefined, text);
});

Deno.test("deep nesting is read or refused, but never throws", () => {
  for (
    const [open, close] of [["(", ")"], ["[", "]"], ["{a:", "}"], ["Array<", ">"], ["readonly ", ""]] as const
  ) {
    const depth = Math.floor(1_900 / (open.length + close.length));
    const text = open.repeat(depth) + "string" + close.repeat(depth);
    const read = reader.read(text, "in");
    assert.ok(read === undefined || read.text.includes("string"));
  }
});
