/**
 * Typed values survive the way over the wire, through copies and through saved state, in the real generated
 * code.
 */
import assert from "node:assert/strict";
import { DecodeError } from "../codec/mod.ts";
import type { HandlerContract } from "../declare/contract.ts";
import type { Field, Literal, ProcessModel, Shape } from "./model.ts";
import { generatedCase } from "./testdata/generated_case.ts";

const ROUNDS = 60;
const SEED = Number(Deno.env.get("SEED") ?? crypto.getRandomValues(new Uint32Array(1))[0]);

/** Mulberry32: small, seeded, good enough to pick values. */
class Chance {
  constructor(private seed: number) {}

  /** From 0 up to 1. */
  next(): number {
    this.seed = (this.seed + 0x6d2b79f5) | 0;
    let mixed = Math.imul(this.seed ^ (this.seed >>> 15), 1 | this.seed);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  }

  below(limit: number): number {
    return Math.floor(this.next() * limit);
  }

  pick<T>(list: readonly T[]): T {
    return list[this.below(list.length)]!;
  }
}

const INTEGERS = {
  u8: [0, 2 ** 8],
  u16: [0, 2 ** 16],
  u32: [0, 2 ** 32],
  i8: [-128, 2 ** 8],
  i16: [-(2 ** 15), 2 ** 16],
  i32: [-(2 ** 31), 2 ** 32],
} as const;
const BIGINTS = {
  u64: [0n, 1n, 2n ** 53n, 2n ** 53n - 1n, 2n ** 64n - 1n],
  i64: [0n, -1n, 2n ** 53n, -(2n ** 53n), 2n ** 63n - 1n, -(2n ** 63n)],
  bigint: [0n, -1n, 2n ** 53n, 10n ** 80n, -(10n ** 80n)],
};
const FLOATS = [0, -0, 1, -1.5, NaN, Infinity, -Infinity, Number.MAX_VALUE, Number.MIN_VALUE, 0.1, 2 ** 53];
const TEXTS = [
  "",
  "a",
  "é",
  "𝒳",
  "\ud800",
  "\udfff x",
  "__proto__",
  "constructor",
  "a/b~c",
  "7",
  "-1",
  "NaN",
  "\0",
  '"',
  "null",
];
const CHARS = ["a", "é", "𝒳", "\0", "\uffff", "0"];

/** Makes typed values of shapes. */
class Values {
  readonly #types: ReadonlyMap<string, Shape>;

  constructor(private readonly chance: Chance, model: ProcessModel) {
    this.#types = new Map(model.types.map((type) => [type.name, type.shape]));
  }

  of(shape: Shape, depth = 0): unknown {
    const { chance } = this;
    const many = () => Array.from({ length: depth > 4 ? 0 : chance.below(4) });
    switch (shape.kind) {
      case "integer": {
        const [from, count] = INTEGERS[shape.format];
        return from + chance.pick([0, count - 1, chance.below(count)]);
      }
      case "bigint":
        return chance.pick(BIGINTS[shape.format]);
      case "float": {
        if (shape.format === "finite") return chance.pick([0, 1.5, -7, Number.MAX_VALUE]);
        const value = chance.pick([...FLOATS, chance.next()]);
        const rounded = Math.fround(value);
        return shape.format === "f64"
          ? value
          : Number.isFinite(value) && !Number.isFinite(rounded)
          ? 0.5
          : rounded;
      }
      case "string":
        return chance.pick(TEXTS);
      case "char":
        return chance.pick(CHARS);
      case "boolean":
        return chance.next() < 0.5;
      case "null":
        return null;
      case "void":
        return undefined;
      case "date":
        return new Date(chance.pick([0, -1, 8.64e15, -8.64e15, 253402300800000, chance.below(2 ** 41)]));
      case "bytes":
        return new Uint8Array(many().map(() => chance.below(256)));
      case "typedArray": {
        const bytes = new Uint8Array(16).map(() => chance.below(256));
        return new globalThis[shape.array](bytes.buffer);
      }
      case "json":
        return this.#json(depth);
      case "enum":
        return chance.pick<Literal>(shape.values).value;
      case "list":
        return many().map(() => this.of(shape.element, depth + 1));
      case "set":
        return new Set(many().map(() => positive(this.of(shape.element, depth + 1))));
      case "map":
        return new Map(
          many().map(() => [positive(this.of(shape.key, depth + 1)), this.of(shape.value, depth + 1)]),
        );
      case "dictionary":
        return record(many().map(() => [chance.pick(TEXTS), this.of(shape.value, depth + 1)]));
      case "tuple": {
        const whole = shape.elements.filter((element) => !element.optional || chance.next() < 0.5);
        const length = whole.length < shape.elements.length
          ? shape.elements.findIndex((e) => e.optional)
          : whole.length;
        return shape.elements.slice(0, length).map((element) => this.of(element.shape, depth + 1));
      }
      case "record":
        return this.#record(shape.fields, depth);
      case "option":
        return depth > 4 || chance.next() < 0.3 ? null : this.of(shape.inner, depth + 1);
      case "result":
        return chance.next() < 0.5
          ? { Ok: this.of(shape.ok, depth + 1) }
          : { Err: this.of(shape.err, depth + 1) };
      case "tagged":
        return this.of(chance.pick(shape.cases).shape, depth);
      case "union":
        return this.of(chance.pick(shape.members), depth);
      case "named":
        return this.of(this.#types.get(shape.name)!, depth + 1);
    }
  }

  #record(fields: readonly Field[], depth: number): unknown {
    return record(fields.flatMap((field): [string, unknown][] => {
      const left = field.optional !== undefined && (depth > 4 || this.chance.next() < 0.4);
      if (left) return field.optional === "absent" ? [] : [[field.name, undefined]];
      return [[field.name, this.of(field.shape, depth + 1)]];
    }));
  }

  #json(depth: number): unknown {
    const kind = this.chance.below(depth > 3 ? 4 : 6);
    if (kind === 4) return [this.#json(depth + 1), this.#json(depth + 1)];
    if (kind === 5) return record([[this.chance.pick(TEXTS), this.#json(depth + 1)]]);
    return [null, true, 1.25, this.chance.pick(TEXTS)][kind];
  }
}

/** A set or map turns -0 into 0 itself. */
function positive(value: unknown): unknown {
  return Object.is(value, -0) ? 0 : value;
}

function record(entries: readonly (readonly [string, unknown])[]): object {
  const object = {};
  for (const [name, value] of entries) {
    Object.defineProperty(object, name, { value, configurable: true, enumerable: true, writable: true });
  }
  return object;
}

/** Every object inside a value. */
function partsOf(value: unknown, parts = new Set<unknown>()): Set<unknown> {
  if (typeof value !== "object" || value === null || parts.has(value)) return parts;
  parts.add(value);
  if (ArrayBuffer.isView(value)) return parts.add(value.buffer);
  if (value instanceof Map) { for (const entry of value) entry.forEach((part) => partsOf(part, parts)); }
  if (value instanceof Set) { for (const item of value) partsOf(item, parts); }
  for (const part of Object.values(value)) partsOf(part, parts);
  return parts;
}

function assertIndependent(copy: unknown, original: unknown): void {
  const parts = partsOf(original);
  for (const part of partsOf(copy)) assert.ok(!parts.has(part), "the copy shares a part with its original");
}

const overWire = (value: unknown) => JSON.parse(JSON.stringify(value)) as unknown;

Deno.test("arguments and results of every type survive the wire and copies", async (test) => {
  console.log(`seed ${SEED}; again with SEED=${SEED}`);
  const { contract, model } = await generatedCase("every_type");
  for (const { tag, parameters, result } of model.handlers) {
    const handler = contract.handlers[tag]!;
    await test.step(tag, () => {
      const values = new Values(new Chance(SEED), model);
      for (let round = 0; round < ROUNDS; round++) {
        const args = parameters.map((parameter) =>
          parameter.optional && round % 3 === 0 ? undefined : values.of(parameter.shape)
        );
        assert.deepStrictEqual(handler.decodeArguments(overWire(handler.encodeArguments(args))), args);
        const copied = handler.copyArguments(args);
        assert.deepStrictEqual(copied, args);
        assertIndependent(copied, args);
        if (result === "response") continue;
        const value = values.of(result);
        assert.deepStrictEqual(handler.decodeResult(overWire(handler.encodeResult(value))), value);
        const copy = handler.copyResult(value);
        assert.deepStrictEqual(copy, value);
        assertIndependent(copy, value);
      }
    });
  }
});

Deno.test("state of every type survives being saved, and keeps the order of maps", async () => {
  const { contract: { state }, model, make } = await generatedCase("every_type");
  const values = new Values(new Chance(SEED), model);
  const fields = (instance: object) =>
    Object.fromEntries(state.fields.map((field) => [field, (instance as Record<string, unknown>)[field]]));
  for (let round = 0; round < ROUNDS * 5; round++) {
    const instance = make();
    for (const field of model.state) {
      const left = field.optional !== undefined && round % 2 === 0;
      Object.assign(instance, { [field.name]: left ? undefined : values.of(field.shape) });
    }
    const restored = make();
    state.decode(restored, overWire(state.encode(instance)));
    assert.deepStrictEqual(fields(restored), fields(instance));
    const { saved } = fields(instance) as { saved: Map<string, number> };
    assert.deepStrictEqual([...(fields(restored).saved as typeof saved)], [...saved]);
  }
});

/** Puts something else into one place of a wire value. */
function damaged(value: unknown, chance: Chance): unknown {
  if (chance.next() < 0.25 || typeof value !== "object" || value === null) {
    return chance.pick([
      null,
      0,
      -1,
      1.5,
      1e300,
      "",
      "x",
      "\ud800",
      true,
      [],
      {},
      [[]],
      { kind: "circle" },
      "9".repeat(400),
    ]);
  }
  const copy: unknown = structuredClone(value);
  const keys = Object.keys(copy as object);
  const key = keys.length === 0 || chance.next() < 0.2 ? "extra" : chance.pick(keys);
  const inner = (copy as Record<string, unknown>)[key];
  return Object.assign(copy as object, { [key]: damaged(inner, chance) });
}

Deno.test("a damaged wire value is refused with its path, or is another valid value", async () => {
  const { contract, model } = await generatedCase("every_type");
  const chance = new Chance(SEED);
  const values = new Values(chance, model);
  let refused = 0;
  for (let round = 0; round < ROUNDS; round++) {
    for (const { tag, parameters } of model.handlers) {
      const handler = contract.handlers[tag]!;
      const args = parameters.map((parameter) => values.of(parameter.shape));
      refused += refusedOrValid(handler, damaged(overWire(handler.encodeArguments(args)), chance));
    }
  }
  assert.ok(refused > ROUNDS, "hardly anything was refused");
});

/** 1 if the value was refused. */
function refusedOrValid(handler: HandlerContract, wire: unknown): number {
  let args: unknown[];
  try {
    args = handler.decodeArguments(wire);
  } catch (error) {
    assert.ok(error instanceof DecodeError, `not a DecodeError: ${error}`);
    assert.match(error.message, new RegExp(`^/${handler.tag}[/:].*expected .+, got .+`, "s"));
    assert.ok(error.message.length < 2_000, "a message repeats its input");
    return 1;
  }
  assert.deepStrictEqual(handler.decodeArguments(overWire(handler.encodeArguments(args))), args);
  return 0;
}
