/** Random values of a type, random edits of them, and what such a value is when it is read back. */
import fc from "fast-check";
import type { Field, Shape } from "../model.ts";
import { TREE } from "./random_shapes.ts";

type Fields = { [field: string]: unknown };

const RANGES = { u8: [0, 255], u16: [0, 65_535], u32: [0, 2 ** 32 - 1], i8: [-128, 127] } as const;
const FLOATS = [0, -0, 1, -1.5, NaN, Infinity, -Infinity, Number.MAX_VALUE, 5e-324, 0.1, 2 ** 53];
const TEXTS = ["", "a", "é", "𝒳", "\ud800", "__proto__", "constructor", "a/b~c", "7", "-1", "NaN", "-0", "\0", "null"];
const TIMES = [0, -1, 8.64e15, -8.64e15, 253402300800000];

const field = (object: object, name: string, value: unknown) =>
  Object.defineProperty(object, name, { value, configurable: true, enumerable: true, writable: true });

const json: fc.Arbitrary<unknown> = fc.letrec((tie) => ({
  value: fc.oneof(
    { depthSize: "small" },
    fc.constantFrom(null, true, 1.25, "x", "\udfff"),
    fc.array(tie("value"), { maxLength: 2 }),
    fc.dictionary(fc.constantFrom(...TEXTS), tie("value"), { maxKeys: 2 }),
  ),
})).value;

/** Values that are read back exactly as they are. */
export function valuesOf(shape: Shape, depth = 0): fc.Arbitrary<unknown> {
  const part = (inner: Shape) => valuesOf(inner, depth + 1);
  const size = { maxLength: depth > 3 ? 0 : 3 };
  switch (shape.kind) {
    case "integer":
      return fc.integer({ min: shape.minimum, max: shape.maximum });
    case "bigint":
      return shape.format === "u64"
        ? fc.bigInt({ min: 0n, max: 2n ** 64n - 1n })
        : shape.format === "i64"
        ? fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n })
        : fc.constantFrom(0n, -1n, 2n ** 53n, 10n ** 80n);
    case "float":
      if (shape.format === "finite") return fc.constantFrom(0, 1.5, -7, Number.MAX_VALUE);
      return fc.constantFrom(...FLOATS).map((value) => shape.format === "f64" ? value : nearest(value));
    case "string":
      return fc.constantFrom(...TEXTS);
    case "char":
      return fc.constantFrom("a", "é", "𝒳", "\0", "\uffff");
    case "boolean":
      return fc.boolean();
    case "null":
      return fc.constant(null);
    case "void":
      return fc.constant(undefined);
    case "date":
      return fc.constantFrom(...TIMES).map((time) => new Date(time));
    case "bytes":
      return fc.uint8Array(size).map((bytes) => new Uint8Array(bytes));
    case "typedArray":
      return fc.uint8Array({ minLength: 16, maxLength: 16 })
        .map((bytes) => new globalThis[shape.array](new Uint8Array(bytes).buffer));
    case "json":
      return json.map((value) => structuredClone(value));
    case "enum":
      return fc.constantFrom(...shape.values.map(({ value }) => value));
    case "list":
      return fc.array(part(shape.element), size);
    case "set":
      return fc.array(part(shape.element), size).map((members) => new Set(members));
    case "map":
      return fc.array(fc.tuple(part(shape.key), part(shape.value)), size).map((entries) => new Map(entries));
    case "dictionary":
      return fc.array(fc.tuple(fc.constantFrom(...TEXTS), part(shape.value)), size)
        .map((entries) => entries.reduce((object, [name, value]) => field(object, name, value), {}));
    case "tuple":
      return fc.tuple(
        fc.tuple(...shape.elements.map((element) => part(element.shape))),
        fc.integer({ min: shape.elements.filter(({ optional }) => !optional).length, max: shape.elements.length }),
      ).map(([elements, length]) => elements.slice(0, length));
    case "record":
      return recordOf(shape.fields, depth);
    case "option":
      return depth > 4 ? fc.constant(null) : fc.option(part(shape.inner));
    case "result":
      return fc.oneof(part(shape.ok).map((Ok) => ({ Ok })), part(shape.err).map((Err) => ({ Err })));
    case "tagged":
      return fc.oneof(...shape.cases.map((one) => valuesOf(one.shape, depth)));
    case "union":
      return fc.oneof(...shape.members.map((member) => valuesOf(member, depth)));
    case "named":
      return fc.constant(null).chain(() => part(TREE.shape));
  }
}

function nearest(value: number): number {
  const rounded = Math.fround(value);
  return Number.isFinite(rounded) || !Number.isFinite(value) ? rounded : 0.5;
}

function recordOf(fields: readonly Field[], depth: number): fc.Arbitrary<object> {
  const values = fields.map(({ shape, optional }) =>
    optional === undefined
      ? valuesOf(shape, depth + 1)
      : fc.option(depth > 4 ? fc.constant(undefined) : valuesOf(shape, depth + 1), { nil: undefined })
  );
  return fc.tuple(...values).map((values) => {
    const record = {};
    fields.forEach(({ name, optional }, at) => {
      if (values[at] !== undefined || optional !== "absent") field(record, name, values[at]);
    });
    return record;
  });
}

class Instance {
  a = 1;
  value = 1;
}

/** What a program may put where another value belongs, by mistake or by a cast. */
const ODD: readonly (() => unknown)[] = [
  ...[undefined, null, NaN, -0, 0.1, Math.fround(0.1), Infinity, 1e300, 2 ** 53, -1, 300, 5n, -1n, 10n ** 30n],
  ..."|x|\ud800|NaN|-0|2024-01-01|AQ==".split("|"),
  true,
  Symbol("s"),
].map((value) => () => value).concat([
  () => () => 1,
  () => new Date(NaN),
  () => new Date(0),
  () => new Uint8Array(2),
  () => new (class extends Uint8Array {})(2),
  () => new Uint8Array(new ArrayBuffer(8), 2, 3),
  () => new Float32Array([NaN, -0]),
  () => [],
  () => [, 1],
  () => [undefined, 2],
  () => new (class extends Array<unknown> {})(2),
  () => ({}),
  () => ({ Ok: 1 }),
  () => ({ Ok: 1, Err: 2 }),
  () => Object.create(null),
  () => JSON.parse('{"__proto__":{"a":1},"a":2}'),
  () => new Map<unknown, unknown>([["a", 1], [0.1, 2], [Math.fround(0.1), 3]]),
  () => new Set<unknown>([0.1, Math.fround(0.1), undefined, null]),
  () => new Instance(),
  () => ({
    get value() {
      return 1;
    },
  }),
  () => new Number(5),
  () => new Proxy({ a: 1 }, {}),
  () => new WeakMap(),
]);

/** Two numbers that are one as an `f32`. */
const NEAR = [0.1, Math.fround(0.1)];

/** Every place in a value that holds another: how to read it, and how to put something else there. */
interface Place {
  readonly value: unknown;
  set(value: unknown): void;
}

function placesIn(root: object): Place[] {
  const places: Place[] = [];
  const seen = new Set<unknown>();
  const visit = (container: unknown): void => {
    if (typeof container !== "object" || container === null || seen.has(container)) return;
    seen.add(container);
    const inner: Place[] = [];
    if (container instanceof Map) {
      for (const [key, value] of container) {
        inner.push({ value, set: (other) => container.set(key, other) });
        inner.push({ value: key, set: (other) => container.set(other, value) });
      }
    } else if (container instanceof Set) {
      for (const value of container) inner.push({ value, set: (other) => container.add(other) });
    } else if (!ArrayBuffer.isView(container)) {
      for (const [name, value] of Object.entries(container)) {
        inner.push({ value, set: (other) => field(container, name, other) });
      }
    }
    places.push(...inner);
    for (const { value } of inner) visit(value);
  };
  visit(root);
  return places;
}

/** Changes something in `root`, chosen by numbers. */
export function edit(root: object, choices: readonly number[]): void {
  const [where = 0, how = 0, what = 0] = choices;
  const places = placesIn(root);
  const place = places[where % places.length];
  if (place === undefined) return;
  const { value } = place;
  const odd = what % 9 === 0 ? places[(what / 9 | 0) % places.length]!.value : ODD[what % ODD.length]!();
  if (how % 3 === 0 || typeof value !== "object" || value === null || ArrayBuffer.isView(value)) place.set(odd);
  else if (Array.isArray(value)) value.splice(how % (value.length + 1), how % 2, odd);
  else if (value instanceof Map) {
    for (const key of how % 2 ? NEAR : [odd]) value.set(key, [...value.values()][what % (value.size + 1)]);
  } else if (value instanceof Set) for (const member of how % 2 ? NEAR : [odd]) value.add(member);
  else if (value instanceof Date) value.setTime(how % 2 ? NaN : how);
  else if (how % 2) field(value, ["a", "b", "extra", "__proto__", "kind"][what % 5]!, odd);
  else delete (value as Fields)[Object.keys(value)[what % (Object.keys(value).length + 1)] ?? ""];
}

const zero = (value: unknown) => Object.is(value, -0) ? 0 : value;

/**
 * What comes back for a value that was accepted: the exceptions that macro/codec/mod.ts lists, and no others.
 */
export function readBack(shape: Shape, value: unknown): unknown {
  const from = value as Fields;
  const all = (list: readonly unknown[], inner: Shape) => Array.from(list, (part) => readBack(inner, part));
  switch (shape.kind) {
    case "integer":
    case "enum":
      return zero(value);
    case "float":
      return shape.format === "f32" ? Math.fround(value as number) : shape.format === "finite" ? zero(value) : value;
    case "date":
      return new Date((value as Date).getTime());
    case "bytes":
      return Uint8Array.from(value as Uint8Array);
    case "json":
      return JSON.parse(JSON.stringify(value));
    case "list":
      return all(value as unknown[], shape.element);
    case "set":
      return new Set(all([...value as Set<unknown>], shape.element));
    case "map":
      return new Map(
        [...value as Map<unknown, unknown>].map(([key, item]) => [readBack(shape.key, key), readBack(shape.value, item)]),
      );
    case "dictionary":
      return Object.keys(from).reduce((to, name) => field(to, name, readBack(shape.value, from[name])), {});
    case "tuple":
      return Array.from(value as unknown[], (part, at) => {
        const { shape: element, optional } = shape.elements[at]!;
        return optional && part === undefined ? undefined : readBack(element, part);
      });
    case "record":
      return shape.fields.reduce((to, { name, shape, optional }) => {
        const own = name in Object.prototype && !Object.hasOwn(from, name) ? undefined : from[name];
        if (own === undefined && optional !== undefined) return optional === "absent" ? to : field(to, name, undefined);
        return field(to, name, readBack(shape, own));
      }, {});
    case "option":
      return value == null ? null : readBack(shape.inner, value);
    case "result":
      return "Ok" in from ? { Ok: readBack(shape.ok, from.Ok) } : { Err: readBack(shape.err, from.Err) };
    case "tagged":
      return readBack(shape.cases.find(({ values }) => values[0]!.value === from[shape.discriminator])!.shape, value);
    case "union": {
      const member = shape.members.find((member) => isMember(member, value)) ??
        shape.members.find((member) => OBJECTS.has(member.kind));
      return readBack(member!, value);
    }
    case "named":
      return readBack(TREE.shape, value);
    case "typedArray":
      return (value as Uint8Array).slice();
    default:
      return value;
  }
}

function isMember(shape: Shape, value: unknown): boolean {
  switch (shape.kind) {
    case "integer":
    case "float":
      return typeof value === "number";
    case "string":
    case "char":
      return typeof value === "string";
    case "enum":
      return shape.values.some((literal) => typeof literal.value === typeof value);
    case "bigint":
    case "boolean":
      return typeof value === shape.kind;
    case "date":
      return value instanceof Date;
    case "bytes":
      return value instanceof Uint8Array;
    case "list":
    case "tuple":
      return Array.isArray(value);
    case "set":
      return value instanceof Set;
    case "map":
      return value instanceof Map;
    default:
      return false;
  }
}

/** What any object may be taken for, by the fields that it has. */
const OBJECTS: ReadonlySet<Shape["kind"]> = new Set(["record", "dictionary", "tagged", "result"]);
