/**
 * Rolling back gives a state its contents back and keeps its containers, so that what refers to them stays
 * valid.
 */
import assert from "node:assert/strict";
import fc from "fast-check";
import { rollBack, takeSavepoint } from "./savepoint.ts";

type Fields = { [field: string]: unknown };

/** Takes a savepoint of all fields, runs `change`, rolls back. */
function undone<T extends object>(state: T, change: (state: T) => void): T {
  const savepoint = takeSavepoint(state, Object.keys(state));
  change(state);
  rollBack(savepoint);
  return state;
}

Deno.test("primitive fields come back, with deleted and added ones", () => {
  const state: Fields = { count: 1, zero: -0, note: undefined, text: "a", gone: 5n };
  const savepoint = takeSavepoint(state, ["count", "zero", "note", "text", "gone", "missing"]);
  assert.equal(savepoint.containers, undefined, "a state of primitives costs one array");
  Object.assign(state, { count: NaN, zero: 0, note: null, text: [1], missing: 3 });
  delete state.gone;
  rollBack(savepoint);
  assert.deepEqual(state, { count: 1, zero: -0, note: undefined, text: "a", gone: 5n });
  delete state.note;
  rollBack(savepoint);
  assert.ok(Object.hasOwn(state, "note"));
});

Deno.test("fields that the state does not name are not touched", () => {
  const index = new Map([["a", 1]]);
  const state = { count: 1, index };
  const savepoint = takeSavepoint(state, ["count"]);
  state.count = 2;
  index.set("b", 2);
  rollBack(savepoint);
  assert.deepEqual([state.count, state.index, index.size], [1, index, 2]);
});

Deno.test("every kind of container keeps its identity and gets its contents back", () => {
  const state = {
    list: [1, 2, 3] as unknown[],
    record: { a: 1, b: { c: [true] } } as Fields,
    map: new Map<unknown, unknown>([["a", { n: 1 }], [{ key: 1 }, [2]]]),
    set: new Set<unknown>(["a", [1]]),
    date: new Date(5),
    bytes: new Uint8Array([1, 2]),
    floats: new Float64Array([0.5, -0]),
    bigs: new BigInt64Array([5n]),
    buffer: new Uint8Array([7, 8]).buffer,
  };
  const before = structuredClone(state);
  const inner = state.record.b as { c: boolean[] };
  const parts = [
    ...Object.values(state),
    inner,
    inner.c,
    ...state.map.keys(),
    ...state.map.values(),
    ...state.set,
  ];
  undone(state, () => {
    state.list.length = 0;
    state.list.push("x", state.record);
    inner.c.push(false);
    state.record.b = null;
    state.record.added = 1;
    delete state.record.a;
    (state.map.get("a") as Fields).n = 2;
    state.map.clear();
    state.map.set("b", 1);
    for (const member of [...state.set]) if (Array.isArray(member)) member.push(2);
    state.set.delete("a");
    state.date.setTime(NaN);
    state.bytes.fill(9);
    state.floats[1] = 7;
    state.bigs[0] = -1n;
    new Uint8Array(state.buffer)[0] = 0;
    state.list = [];
    state.map = new Map();
  });
  assert.deepEqual(state, before);
  const now = [
    ...Object.values(state),
    inner,
    inner.c,
    ...state.map.keys(),
    ...state.map.values(),
    ...state.set,
  ];
  parts.forEach((part, at) => assert.equal(now[at], part, `part ${at} is another object`));
});

Deno.test("loops and iterators over what did not change go on", () => {
  const state = {
    list: [{ done: false }, { done: false }, { done: false }],
    map: new Map([["a", 1], ["b", 2], ["c", 3]]),
    set: new Set([1, 2, 3]),
    changed: 0,
  };
  const seen: unknown[] = [];
  const undo = (change: () => void) => undone(state, change);
  for (const item of state.list) {
    undo(() => state.changed++);
    item.done = true;
  }
  for (const [key] of state.map) {
    undo(() => state.map.set("b", 9).set("added", 1));
    seen.push(key);
  }
  for (const member of state.set) {
    undo(() => state.set.add(9));
    seen.push(member);
  }
  assert.deepEqual(seen, ["a", "b", "c", 1, 2, 3]);
  assert.ok(state.list.every(({ done }) => done));
  assert.deepEqual([...state.map], [["a", 1], ["b", 2], ["c", 3]]);
  assert.equal(state.changed, 0);
});

Deno.test("the order of maps, sets and fields comes back, from the first difference on", () => {
  const state = {
    map: new Map([["a", 1], ["b", 2], ["c", 3], ["d", 4]]),
    set: new Set(["a", "b", "c"]),
    record: { a: 1, b: 2, c: 3 } as Fields,
  };
  const late = state.map.entries();
  late.next();
  undone(state, () => {
    state.map.delete("c");
    state.map.set("c", 3).set("e", 5);
    state.set.delete("a");
    delete state.record.a;
    state.record.a = 1;
  });
  assert.deepEqual([...state.map], [["a", 1], ["b", 2], ["c", 3], ["d", 4]]);
  assert.deepEqual([...state.set], ["a", "b", "c"]);
  assert.deepEqual(Object.keys(state.record), ["a", "b", "c"]);
  assert.deepEqual([...late].map(([key]) => key), ["b", "c", "d"]);
});

Deno.test("inner savepoints are rolled back to, or not, and outer ones after them", () => {
  const state = { items: [{ n: 1 }], total: 1 };
  const [first] = state.items;
  const outer = takeSavepoint(state, ["items", "total"]);
  state.items.push({ n: 2 });
  const [, second] = state.items;
  const inner = takeSavepoint(state, ["items", "total"]);
  second!.n = 20;
  state.items = [];
  rollBack(inner);
  assert.deepEqual(state, { items: [{ n: 1 }, { n: 2 }], total: 1 });
  assert.equal(state.items[1], second);
  first!.n = 10;
  takeSavepoint(state, ["items", "total"]);
  state.items.reverse();
  rollBack(outer);
  rollBack(outer);
  assert.deepEqual(state, { items: [{ n: 1 }], total: 1 });
  assert.equal(state.items[0], first);
});

Deno.test("cycles and shared parts are recorded once each, however many paths lead to them", () => {
  const list: unknown[] = [1];
  let doubled: unknown = list;
  for (let level = 0; level < 64; level++) doubled = [doubled, doubled];
  const many = Array.from({ length: 50_000 }, (_, n) => ({ n }));
  const state = { list, doubled, many, again: [...many] };
  list.push(state.doubled, list);
  undone(state, () => {
    list.length = 0;
    many[49_999]!.n = -1;
  });
  assert.deepEqual([list.length, list[2], many[49_999]], [3, list, { n: 49_999 }]);
  const savepoint = takeSavepoint(state, Object.keys(state));
  assert.ok(savepoint.containers!.length < 52_000, `${savepoint.containers!.length} were recorded`);
});

Deno.test("a state nests deeper than the stack", () => {
  let deep: Fields = { end: 1 };
  const innermost = deep;
  for (let level = 0; level < 100_000; level++) deep = { deep };
  undone({ deep }, () => innermost.end = 2);
  assert.equal(innermost.end, 1);
});

Deno.test("holes stay holes, and a list with billions of them costs nothing", () => {
  const sparse: unknown[] = [];
  sparse[4_000_000_000] = { n: 1 };
  const state = { list: [1, , 3] as unknown[], sparse };
  undone(state, () => {
    state.list[1] = undefined;
    delete state.list[0];
    sparse[7] = 7;
    sparse.length = 10;
  });
  assert.deepEqual(Object.keys(state.list), ["0", "2"]);
  assert.deepEqual([sparse.length, Object.keys(sparse)], [4_000_000_001, ["4000000000"]]);
});

Deno.test("a container that cannot take its contents back is replaced wherever the state refers to it", () => {
  const bytes = new Uint8Array([1, 2]);
  const state = {
    bytes,
    holder: { bytes, items: [1, { n: 1 }] as unknown[] },
    set: new Set<unknown>([bytes]),
  };
  const { holder } = state;
  const [, inner] = holder.items as [number, Fields];
  undone(state, () => {
    inner.n = 2;
    Object.freeze(inner);
    holder.items.push(3);
    Object.freeze(holder);
    structuredClone(bytes, { transfer: [bytes.buffer] });
  });
  assert.deepEqual(state, {
    bytes: new Uint8Array([1, 2]),
    holder: { bytes: new Uint8Array([1, 2]), items: [1, { n: 1 }] },
    set: new Set([new Uint8Array([1, 2])]),
  });
  assert.equal(state.bytes, state.holder.bytes);
  assert.ok(state.set.has(state.bytes));
});

Deno.test("frozen containers that did not change stay themselves", () => {
  const limits = Object.freeze({ max: 5, list: Object.freeze([1, 2]) });
  const state: Fields = { limits };
  undone(state, () => state.limits = { max: 6 });
  assert.equal(state.limits, limits);
});

Deno.test("instances of other classes, and what they refer to, are left alone", () => {
  class Connection {
    readonly sent: string[] = [];
  }
  const connection = new Connection();
  const state = { room: { connection, name: "a" } as Fields };
  undone(state, () => {
    connection.sent.push("hello");
    state.room.name = "b";
  });
  assert.deepEqual([state.room.name, connection.sent], ["a", ["hello"]]);
});

Deno.test("a field called __proto__ is a field like any other", () => {
  const state = { record: JSON.parse('{"__proto__":{"a":1},"b":2}') as Fields };
  undone(state, () => {
    delete state.record["__proto__"];
    delete state.record.b;
  });
  assert.equal(JSON.stringify(state.record), '{"__proto__":{"a":1},"b":2}');
  assert.equal(Object.getPrototypeOf(state.record), Object.prototype);
});

/** Random states, some of whose containers occur several times. */
const leaf = fc.oneof(fc.integer(), fc.constantFrom(undefined, null, -0, NaN, "", "a"), fc.boolean());
const { value: stateValue } = fc.letrec((tie) => ({
  value: fc.oneof(
    { depthSize: "small" },
    leaf,
    fc.array(tie("value"), { maxLength: 4 }),
    fc.dictionary(fc.constantFrom("a", "b", "c", "7", "__proto__"), tie("value"), { maxKeys: 4 }),
    fc.array(fc.tuple(tie("value"), tie("value")), { maxLength: 4 }).map((entries) => new Map(entries)),
    fc.array(tie("value"), { maxLength: 4 }).map((members) => new Set(members)),
    fc.date({ noInvalidDate: false }),
    fc.uint8Array({ maxLength: 4 }),
  ),
}));

/** One random change of a container, chosen by `pick`; `parts` are the values it may put there. */
function change(container: object, pick: (below: number) => number, parts: readonly unknown[]): void {
  const part = () => parts[pick(parts.length)];
  const key = () => ["a", "b", "d", "3", "__proto__"][pick(5)]!;
  if (Array.isArray(container)) {
    if (container.length > 0 && pick(3) === 0) container[pick(container.length)] = part();
    else container.splice(pick(container.length + 1), pick(3), ...Array.from({ length: pick(3) }, part));
  } else if (container instanceof Map) {
    const keys = [...container.keys()];
    if (pick(2) === 0) container.delete(keys[pick(keys.length + 1)]);
    else container.set(pick(2) === 0 ? part() : keys[pick(keys.length + 1)], part());
  } else if (container instanceof Set) {
    if (pick(2) === 0) container.delete([...container][pick(container.size + 1)]);
    else container.add(part());
  } else if (container instanceof Date) container.setTime(pick(1_000));
  else if (container instanceof Uint8Array) container.fill(pick(256));
  else if (pick(2) === 0) delete (container as Fields)[key()];
  else {
    Object.defineProperty(container, key(), {
      value: part(),
      configurable: true,
      enumerable: true,
      writable: true,
    });
  }
}

/** A picture of a state: its contents, and which of its containers are which. */
function picture(roots: readonly unknown[]): unknown[] {
  const numbers = new Map<object, number>();
  const lines: unknown[] = [];
  const note = (value: unknown): unknown => {
    if (typeof value !== "object" || value === null) return value;
    if (numbers.has(value)) return `#${numbers.get(value)}`;
    numbers.set(value, numbers.size);
    const parts = value instanceof Map
      ? [...value].flat()
      : value instanceof Date
      ? [value.getTime()]
      : value instanceof Set || value instanceof Uint8Array
      ? [...value]
      : Object.entries(value).flat();
    lines.push([value, parts.map(note)]);
    return `#${numbers.get(value)}`;
  };
  lines.push(roots.map(note));
  return lines;
}

function samePicture(now: readonly unknown[], then: readonly unknown[], text: string): void {
  assert.equal(now.length, then.length, text);
  now.forEach((line, at) => {
    const [container, parts] = line as [object, unknown[]];
    const [known, contents] = then[at] as [object, unknown[]];
    if (at < now.length - 1) assert.equal(container, known, text);
    assert.deepEqual(at < now.length - 1 ? parts : line, at < now.length - 1 ? contents : then[at], text);
  });
}

Deno.test("random changes are undone, level by level, with every container itself", () => {
  const seed = Number(Deno.env.get("SEED") ?? crypto.getRandomValues(new Uint32Array(1))[0]) | 0;
  const runs = Number(Deno.env.get("SAVEPOINT_RUNS") ?? 400);
  fc.assert(
    fc.property(
      fc.array(stateValue, { minLength: 1, maxLength: 4 }),
      fc.array(fc.array(fc.nat(), { minLength: 1, maxLength: 40 }), { minLength: 1, maxLength: 4 }),
      (values, levels) => {
        const state: Fields = Object.fromEntries(values.map((value, at) => [`field${at}`, value]));
        const fields = [...Object.keys(state), "missing"];
        const stack = [];
        for (const choices of levels) {
          const now = () => picture(fields.map((field) => field in state ? state[field] : "absent"));
          stack.push({ savepoint: takeSavepoint(state, fields), before: now(), now });
          let at = 0;
          const pick = (below: number) => choices[at++ % choices.length]! % below;
          for (let count = 0; count < choices.length; count++) {
            const known = takeSavepoint(state, fields).containers ?? [];
            if (known.length === 0 || pick(6) === 0) {
              if (pick(3) === 0) delete state[fields[pick(fields.length)]!];
              else state[fields[pick(fields.length)]!] = [pick(9), {}, new Map(), undefined][pick(4)];
            } else change(known[pick(known.length)]!, pick, [...known, 1, undefined, [], {}, new Set([1])]);
          }
        }
        for (const { savepoint, before, now } of stack.reverse()) {
          rollBack(savepoint);
          samePicture(now(), before, `SEED=${seed}`);
        }
      },
    ),
    { seed, numRuns: runs },
  );
});
