/**
 * Every container occurs in one place of a state, and a state that is too large is detected while it is
 * encoded.
 */
import assert from "node:assert/strict";
import { DecodeError } from "./decode_error.ts";
import { checkU8, encodeF32 } from "./numbers.ts";
import { encodeState, StateTooLarge } from "./state_walk.ts";
import * as stored from "./stored.ts";

type Fields = { [field: string]: unknown };

/** Encodes every field of `state` as plain JSON, Maps, Sets and bytes among it. */
function encoded(state: object, bytesMax?: number): unknown {
  const fields = Object.keys(state);
  return encodeState(state, bytesMax, fields, (instance) => {
    const from = instance as Fields;
    return fields.map((field) => {
      try {
        return anything(from[field]);
      } catch (error) {
        if (error instanceof DecodeError) error.prepend(field);
        throw error;
      }
    });
  });
}

function anything(value: unknown, depth = 0): ReturnType<typeof stored.storeJson> {
  if (value instanceof Map) return stored.storeMap(value, anything, anything, depth + 1);
  if (value instanceof Set) return stored.storeSet(value, anything, depth + 1);
  if (value instanceof Uint8Array) return stored.storeBytes(value);
  if (value instanceof Date) return value.toISOString();
  if (Array.isArray(value)) return stored.storeList(value, anything, depth + 1);
  if (typeof value === "object" && value !== null) return stored.storeDictionary(value, anything, depth + 1);
  return stored.storeJson(value, depth);
}

function refusal(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    assert.ok(error instanceof DecodeError, `not a DecodeError: ${error}`);
    return error.message;
  }
  assert.fail("nothing was refused");
}

Deno.test("a container in two places is refused with both paths and what to write", () => {
  const item = { title: "x" };
  assert.equal(
    refusal(() => encoded({ selected: item, items: [{ title: "a" }, item] })),
    "/items/1: expected an object of its own, got the one at /selected: " +
      "store a copy ({ ...object }), or a key that leads there",
  );
  const cases: readonly [object, RegExp][] = [
    [[1], /^\/b\/x: expected a list of its own, got the one at \/a: store a copy \(\[\.\.\.list\]\)/],
    [new Map([["k", 1]]), /a Map of its own.*new Map\(map\)/],
    [new Set([1]), /a Set of its own.*new Set\(set\)/],
    [new Uint8Array(2), /bytes of its own.*bytes\.slice\(\)/],
    [Object.freeze({}), /an object of its own/],
  ];
  for (const [container, text] of cases) {
    assert.match(refusal(() => encoded({ a: container, b: { x: container } })), text);
  }
  const key = { id: 1 };
  assert.match(
    refusal(() => encoded({ map: new Map([[key, { key }]]) })),
    /^\/map\/0\/1\/key: .* one at \/map\/0\/0:/,
  );
});

Deno.test("a cycle is refused with both paths, wherever it is", () => {
  const folder: Fields = { name: "a", folders: [] };
  (folder.folders as unknown[]).push({ name: "b", parent: folder });
  assert.equal(
    refusal(() => encoded({ tree: folder })),
    "/tree/folders/0/parent: expected no cycle, got what contains it, /tree: store a key that leads there",
  );
  const map = new Map<string, unknown>();
  map.set("itself", map);
  assert.match(refusal(() => encoded({ map })), /^\/map\/itself: expected no cycle, got .* \/map: /);
});

Deno.test("parts shared at many levels are refused at once, not after writing them out", () => {
  let shared: unknown = [1];
  for (let level = 0; level < 500; level++) {
    shared = level % 2 === 0 ? [shared, shared] : { a: shared, b: shared };
  }
  assert.match(refusal(() => encoded({ shared })), /^\/shared\/.*of its own, got the one at \/shared\//);
});

Deno.test("paths are found beside lists with holes and lists of a class of the app", () => {
  const shared = {};
  const sparse: unknown[] = [];
  sparse[4_000_000_000] = 1;
  const text = refusal(() =>
    encoded({ a: shared, b: shared, list: new (class extends Array {})(2), sparse }, 1_000)
  );
  assert.match(text, /^\/b: expected an object of its own, got the one at \/a:/);
});

Deno.test("primitives and dates may stand in many places", () => {
  const date = new Date(0);
  assert.deepEqual(encoded({ a: [date, date, "x", "x", 5], b: date }), [
    [date.toISOString(), date.toISOString(), "x", "x", 5],
    date.toISOString(),
  ]);
});

Deno.test("containers that are added, moved, replaced or shared are detected in a large state", () => {
  const items = Array.from({ length: 3_000 }, (_, n) => ({ n }));
  const state = { items, other: {} as Fields };
  const accepted = () => assert.doesNotThrow(() => encoded(state));
  const refused = () => assert.match(refusal(() => encoded(state)), /of its own/);
  accepted();
  accepted();
  items.push({ n: -1 });
  accepted();
  items.splice(1_000, 1);
  accepted();
  items.unshift({ n: -2 });
  accepted();
  items.reverse();
  accepted();
  const [first] = items;
  items.push(first!);
  refused();
  items.pop();
  accepted();
  state.other.first = first;
  refused();
  state.other = {};
  items[1_500] = items[20]!;
  refused();
  items[1_500] = { n: 7 };
  items[1_501] = items[1_500]!;
  refused();
  items.length = 1_400;
  accepted();
});

Deno.test("a state that is too large is refused while it is encoded", () => {
  const text = "x".repeat(1_000);
  const many = (length: number, part: unknown) => ({ list: Array.from({ length }, () => part) });
  assert.doesNotThrow(() => encoded(many(999, text), 1_010_000));
  for (
    const state of [
      many(1_100, text),
      many(600_000, 1),
      { bytes: new Uint8Array(1_100_000) },
      { list: new Array(4_000_000_000) },
      { record: Object.fromEntries(Array.from({ length: 60_000 }, (_, n) => [`some name ${n}`, 1])) },
    ]
  ) {
    assert.throws(() => encoded(state, 1_010_000), StateTooLarge);
  }
  assert.match(
    refusal(() => encoded(many(2_000, text), 1_010_000)),
    /^\/list.* expected at most 1010000 bytes/,
  );
});

Deno.test("an instance of a class in place of a record is refused, as it would be a plain object after a restart", () => {
  class Item {
    title = "x";
  }
  assert.equal(
    refusal(() => stored.storeRecord(new Item(), "Todo", 0)),
    "expected Todo, got an instance of Item, not a plain object",
  );
  assert.match(
    refusal(() => stored.storeRecord(new class {}(), "Todo", 0)),
    /expected Todo, got an instance of a class, not a plain object/,
  );
  assert.doesNotThrow(() => stored.storeRecord({ constructor: 1 }, "Todo", 0));
  assert.doesNotThrow(() => stored.storeRecord(Object.create(null), "Todo", 0));
});

Deno.test("entries that would become one are refused", () => {
  const near = [0.1, Math.fround(0.1)];
  assert.match(
    refusal(() => stored.storeDistinctSet(new Set(near), encodeF32)),
    /^\/1: expected each value once, got number 0\.1/,
  );
  assert.match(
    refusal(() => stored.storeDistinctMap(new Map(near.map((key) => [key, 1])), encodeF32, checkU8)),
    /^\/1: expected each key once/,
  );
  assert.deepEqual(stored.storeDistinctSet(new Set([0.5, NaN, Infinity]), encodeF32), [
    0.5,
    "NaN",
    "Infinity",
  ]);
});

Deno.test("a getter that encodes another state does not disturb the walk", () => {
  const shared = {};
  const state = {
    first: shared,
    get inner() {
      encoded({ a: { b: [1] } });
      return 1;
    },
    second: shared,
  };
  assert.match(refusal(() => encoded(state)), /^\/second: /);
});
