/**
 * Random types, random values of them, and random edits: what is encoded can be decoded, and is what it was;
 * anything else is refused with its path. For states, messages over the wire, and messages in memory.
 */
import assert from "node:assert/strict";
import fc from "fast-check";
import { DecodeError } from "../codec/mod.ts";
import type { Contract } from "../declare/contract.ts";
import type { Shape } from "./model.ts";
import { contractFor, shapes } from "./testdata/random_shapes.ts";
import { edit, readBack, valuesOf } from "./testdata/random_values.ts";

const SEED = Number(Deno.env.get("SEED") ?? crypto.getRandomValues(new Uint32Array(1))[0]) | 0;
/** Runs of each property; each generates the code of one type. */
const RUNS = Number(Deno.env.get("EXACTNESS_RUNS") ?? 120);
/** Random edits of each value. */
const VARIANTS = 10;

const overText = (wire: unknown): unknown => JSON.parse(JSON.stringify(wire));

/** What became of a value, or the reason why it was refused. */
type Outcome = { readonly value: unknown } | DecodeError;

/** What a state is after a restart. Whatever can be saved must be read. */
function restarted({ state }: Contract, value: unknown): Outcome {
  return unlessRefused("/value", () => overText(state.encode({ value })), (wire) => {
    const instance = { value: "nothing was read" };
    state.decode(instance, wire);
    return instance.value;
  });
}

function sent({ handlers }: Contract, value: unknown): Outcome {
  const { encodeArguments, decodeArguments } = handlers.Echo!;
  return unlessRefused("/Echo", () => overText(encodeArguments([value])), (wire) => decodeArguments(wire)[0]);
}

function copied({ handlers }: Contract, value: unknown): Outcome {
  return unlessRefused("/Echo", () => handlers.Echo!.copyArguments([value])[0], (copy) => copy);
}

/** Only `encode` may refuse, with a path that begins with `path`. */
function unlessRefused(path: string, encode: () => unknown, decode: (wire: unknown) => unknown): Outcome {
  let wire: unknown;
  try {
    wire = encode();
  } catch (error) {
    assert.ok(error instanceof DecodeError, `not a DecodeError: ${error}`);
    assert.ok(error.path.startsWith(path), `the path is ${error.path}`);
    return error;
  }
  return { value: decode(wire) };
}

/** Equal in every way that a program can see, the order of maps and sets included. */
function assertSame(actual: unknown, expected: unknown): void {
  assert.deepStrictEqual(actual, expected);
  assert.deepStrictEqual(listed(actual), listed(expected));
}

function listed(value: unknown): unknown {
  if (value instanceof Map) return [...value].map((entry) => entry.map(listed));
  if (value instanceof Set) return [...value].map(listed);
  if (Array.isArray(value)) return value.map(listed);
  if (typeof value !== "object" || value === null || ArrayBuffer.isView(value) || value instanceof Date) {
    return value;
  }
  return Object.entries(value).map(([name, part]) => [name, listed(part)]).sort();
}

async function holds(check: (contract: Contract, shape: Shape, value: unknown, edits: number[][]) => void) {
  console.log(`seed ${SEED}; again with SEED=${SEED}`);
  const cases = shapes(3).chain((shape) =>
    fc.tuple(fc.constant(shape), fc.array(valuesOf(shape), { minLength: 8, maxLength: 8 }))
  );
  const edits = fc.array(fc.array(fc.nat(), { minLength: 3, maxLength: 3 }), { minLength: 1, maxLength: 3 });
  await fc.assert(
    fc.asyncProperty(cases, edits, async ([shape, values], edits) => {
      const contract = await contractFor(shape);
      for (const value of values) check(contract, shape, value, edits);
    }),
    { seed: SEED, numRuns: RUNS },
  );
}

Deno.test("a state that was saved is read back as it was", async () => {
  await holds((contract, _shape, value) => {
    const outcome = restarted(contract, value);
    assert.ok(!(outcome instanceof DecodeError), String(outcome));
    assertSame(outcome.value, value);
  });
});

Deno.test("a value that was changed at random is read back as it was, or refused with its path", async () => {
  await holds((contract, shape, value, edits) => {
    for (let variant = 0; variant < VARIANTS; variant++) {
      const root = structuredClone({ value });
      for (const choices of edits) edit(root, choices.map((choice) => choice + variant * 7_919));
      const [saved, wire, copy] = [restarted, sent, copied].map((run) => run(contract, root.value));
      for (const outcome of [saved!, wire!, copy!]) {
        if (outcome instanceof DecodeError) continue;
        assert.deepStrictEqual(outcome.value, readBack(shape, root.value));
      }
      assert.equal(wire instanceof DecodeError, copy instanceof DecodeError, `copy: ${copy}, wire: ${wire}`);
    }
  });
});
