import assert from "node:assert/strict";
import { pushedData } from "./pushed_data.ts";

Deno.test("text and bytes are pushed as they are, bytes as a copy", () => {
  assert.equal(pushedData("hello"), "hello");
  const bytes = new Uint8Array([1, 2]);
  const pushed = pushedData(bytes);
  bytes[0] = 9;
  assert.deepEqual(pushed, new Uint8Array([1, 2]));
});

Deno.test("other values are pushed as JSON in the canonical mapping", () => {
  const cases: [object, string][] = [
    [{ when: new Date("2030-01-01T00:00:00Z") }, '{"when":"2030-01-01T00:00:00.000Z"}'],
    [{ small: 5n, big: 2n ** 64n }, '{"small":5,"big":"18446744073709551616"}'],
    [[NaN, Infinity, -Infinity, -0, 0], '["NaN","Infinity","-Infinity","-0",0]'],
    [{ bytes: new Uint8Array([1, 2, 3]) }, '{"bytes":"AQID"}'],
    [
      { set: new Set(["a"]), map: new Map([["k", 1]]), pairs: new Map([[1, 2]]) },
      '{"set":["a"],"map":{"k":1},"pairs":[[1,2]]}',
    ],
    [new Map([["__proto__", 1]]), '{"__proto__":1}'],
  ];
  for (const [value, text] of cases) assert.equal(pushedData(value), text);
});
