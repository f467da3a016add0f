/** Bodies that encode and copy alike are written once, through all the functions they call. */
import assert from "node:assert/strict";
import { mergeEqualBodies } from "./equal_bodies.ts";

const pairs = ["Inner", "Outer", "Other"].map((stem) => ({ encode: `encode${stem}`, copy: `copy${stem}` }));

function written(name: string, type: string, line: string): string[] {
  return [`function ${name}(value: unknown): ${type} {`, `  ${line}`, "}"];
}

const OUTER = [
  written("encodeOuter", "Json", "return convertList(value, encodeInner);"),
  written("copyOuter", "Outer", "return convertList(value, copyInner);"),
];
const OTHER = [
  written("encodeOther", "Json", "return encodeF64(value);"),
  written("copyOther", "number", "return checkF64(value);"),
];

Deno.test("functions that differ in the functions they call alone share a body if those do", () => {
  const inner = [
    written("encodeInner", "Json", "return checkU32(value);"),
    written("copyInner", "u32", "return checkU32(value);"),
  ];
  assert.deepEqual(mergeEqualBodies([...OUTER, ...inner, ...OTHER], pairs, ["use(encodeOuter);"]), [
    ["const encodeOuter: (value: unknown) => Json = copyOuter as never;"],
    OUTER[1],
    inner[1],
    ...OTHER,
  ]);
});

Deno.test("functions stay apart that call functions which differ", () => {
  const inner = [
    written("encodeInner", "Json", "return encodeF64(value);"),
    written("copyInner", "number", "return checkF64(value);"),
  ];
  const all = [...OUTER, ...inner, ...OTHER];
  assert.deepEqual(mergeEqualBodies(all, pairs, ["use(encodeOuter);"]), all);
});
