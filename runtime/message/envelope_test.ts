import assert from "node:assert/strict";
import { readEnvelope } from "./envelope.ts";

Deno.test("a body is a tag with its arguments", () => {
  assert.deepEqual(readEnvelope({ Increment: 5 }), ["Increment", 5]);
  assert.deepEqual(readEnvelope({ Update: [{ a: 1 }, true] }), ["Update", [{ a: 1 }, true]]);
  assert.deepEqual(readEnvelope("Status"), ["Status", null]);
  assert.deepEqual(readEnvelope({ Status: null }), ["Status", null]);
  assert.deepEqual(readEnvelope({ Status: {} }), ["Status", {}]);
  assert.deepEqual(readEnvelope(JSON.parse('{"__proto__":5}')), ["__proto__", 5]);
  assert.deepEqual(readEnvelope(""), ["", null]);
});

Deno.test("the error for an invalid body says what it is", () => {
  const wrong: [unknown, RegExp][] = [
    [undefined, /: it is empty$/],
    [null, /: it is null$/],
    [5, /: it is number 5$/],
    [true, /: it is true$/],
    [["Increment", 5], /: it is list of 2$/],
    [{}, /: it is object$/],
    [{ A: 1, B: 2 }, /more than one tag/],
  ];
  for (const [body, reason] of wrong) {
    assert.throws(() => readEnvelope(body), { code: "malformed", message: reason }, JSON.stringify(body));
  }
});
