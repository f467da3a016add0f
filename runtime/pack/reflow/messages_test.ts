import assert from "node:assert/strict";
import { fromMessage, parseReflowJson, type ReflowDialect, toMessage, writeReflowJson } from "./messages.ts";
import messages from "./testdata/messages.json" with { type: "json" };

interface MessageVector {
  readonly name: string;
  readonly dialect?: ReflowDialect;
  readonly direction?: "from";
  readonly value?: unknown;
  readonly bytes?: number[];
  readonly message: unknown;
}

Deno.test("messages are written and read as the vectors say, in both dialects", () => {
  for (const vector of messages as MessageVector[]) {
    const value = vector.bytes ? new Uint8Array(vector.bytes) : vector.value;
    const read = fromMessage(structuredClone(vector.message));
    assert.deepEqual(read.value, value, `reading ${vector.name}`);
    if (vector.dialect) assert.equal(read.dialect, vector.dialect, vector.name);
    if (vector.direction === "from") continue;
    for (const dialect of vector.dialect ? [vector.dialect] : ["bytes", "plain"] as const) {
      const written = JSON.parse(JSON.stringify(toMessage(value, dialect)));
      assert.deepEqual(written, vector.message, `writing ${vector.name}`);
    }
  }
});

Deno.test("integers of 64 bits stay exact, and what no message can hold is refused", () => {
  const big = 2n ** 63n - 1n;
  assert.equal(JSON.stringify(toMessage(big, "plain")), `{"type":"Integer","data":${big}}`);
  for (const value of [NaN, Infinity, 2n ** 63n, undefined, () => {}]) {
    assert.throws(() => toMessage(value, "plain"), /Cannot write a message/);
  }
});

Deno.test(
  "integers of 64 bits and bytes stay what they are inside of objects, in both dialects",
  () => {
    const big = 2n ** 63n - 1n, value = { a: [big, 1], b: new Uint8Array([1, 2]) };
    for (const dialect of ["bytes", "plain"] as const) {
      const message = parseReflowJson(writeReflowJson(toMessage(value, dialect)));
      assert.deepEqual(fromMessage(message).value, { a: [big, 1], b: [1, 2] }, dialect);
      for (const odd of [{ a: [NaN] }, { a: 2n ** 63n }, [new Map()], [{ b: new Set() }]]) {
        assert.throws(() => writeReflowJson(toMessage(odd, dialect)), /Cannot write a message as/);
      }
    }
    const ring: unknown[] = [];
    ring.push(ring);
    assert.throws(() => writeReflowJson(toMessage(ring, "bytes")), /not JSON: .*circular/);
  },
);
