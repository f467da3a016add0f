import { type Carrier, PackFault } from "@denizen/pack-sdk";
import { conformance } from "@denizen/pack-sdk/conformance";
import { builtCarriers, instanceOf } from "@denizen/pack-sdk/testing";
import assert from "node:assert/strict";

type Metric = "cosine" | "dot" | "l2";
const METRICS: readonly Metric[] = ["cosine", "dot", "l2"];

/** Repeatable numbers between -1 and 1. */
function numbers(length: number, seed: number): Float32Array {
  let state = seed;
  return Float32Array.from({ length }, () => {
    state = Math.imul(state ^ state >>> 15, 0x2c1b3c6d) + 0x9e3779b9 | 0;
    return state / 2 ** 31;
  });
}

/** How near, higher is better, in doubles. */
function nearness(metric: Metric, a: Float32Array, b: Float32Array): number {
  let dot = 0, squareA = 0, squareB = 0, distance = 0;
  for (let i = 0; i < a.length; i++) {
    dot += a[i]! * b[i]!;
    squareA += a[i]! ** 2;
    squareB += b[i]! ** 2;
    distance += (a[i]! - b[i]!) ** 2;
  }
  if (metric === "dot") return dot;
  return metric === "l2"
    ? -Math.sqrt(distance)
    : squareA * squareB > 0
    ? dot / Math.sqrt(squareA * squareB)
    : 0;
}

function naive(metric: Metric, rows: Map<number, Float32Array>, query: Float32Array, k: number) {
  return [...rows].map(([id, row]) => ({ id, score: nearness(metric, row, query) }))
    .sort((a, b) => b.score - a.score || a.id - b.id).slice(0, k);
}

/** The ids may differ only where scores are as good as equal. */
function checkAnswer(
  metric: Metric,
  rows: Map<number, Float32Array>,
  query: Float32Array,
  k: number,
  ids: Uint32Array,
  scores: Float32Array,
) {
  const expected = naive(metric, rows, query, k);
  assert.equal(ids.length, expected.length);
  assert.equal(new Set(ids).size, ids.length, "an id occurs twice");
  expected.forEach(({ score }, i) => {
    const own = nearness(metric, rows.get(ids[i]!)!, query), size = 1e-5 * (1 + Math.abs(score));
    assert.ok(Math.abs(own - score) <= size, `place ${i}: ${own} and not ${score}`);
    assert.ok(
      Math.abs(Math.abs(scores[i]!) - Math.abs(own)) <= size,
      `the score of place ${i}: ${scores[i]}`,
    );
  });
}

const refused = (pattern: RegExp) => (error: unknown) =>
  error instanceof PackFault && error.status === -4 && pattern.test(error.message);

const carriers = await builtCarriers(new URL("./", import.meta.url));

for (const { kind, file, open } of carriers) {
  const check = (name: string, body: (carrier: Carrier) => void) =>
    Deno.test(`vector as ${kind} ${name}`, () => {
      const carrier = open();
      body(carrier);
      carrier.close();
    });

  for (const metric of METRICS) {
    for (const kernel of ["baseline", "best"]) {
      check(
        `finds what a search over everything finds, by ${metric}, with the ${kernel} instructions`,
        (carrier) => {
          for (const [dimensions, count] of [[1, 50], [3, 700], [33, 2000], [256, 3000]] as const) {
            const config = JSON.stringify({ dimensions, metric, kernel }),
              instance = instanceOf(carrier, "vector.index");
            const all = numbers(dimensions * count, dimensions);
            carrier.tick(instance, { add: all }, config);
            const rows = new Map(
              Array.from(
                { length: count },
                (_, i) => [i, all.subarray(i * dimensions, (i + 1) * dimensions)],
              ),
            );
            const queries = numbers(dimensions * 5, 99);
            const { ids, scores } = carrier.tick(instance, { query: queries, k: 10 }, config) as {
              ids: Uint32Array;
              scores: Float32Array;
            };
            for (let i = 0; i < 5; i++) {
              const query = queries.subarray(i * dimensions, (i + 1) * dimensions);
              checkAnswer(
                metric,
                rows,
                query,
                10,
                ids.subarray(i * 10, i * 10 + 10),
                scores.subarray(i * 10, i * 10 + 10),
              );
            }
            carrier.destroy(instance);
          }
        },
      );
    }
  }

  check("finds the right one among vectors that are all alike", (carrier) => {
    const dimensions = 64, count = 3000, config = JSON.stringify({ dimensions, metric: "l2" });
    const instance = instanceOf(carrier, "vector.index"), base = numbers(dimensions, 7);
    const all = numbers(dimensions * count, 8).map((value, i) => base[i % dimensions]! * 1000 + value * 1e-2);
    carrier.tick(instance, { add: all }, config);
    const query = all.subarray(5 * dimensions, 6 * dimensions);
    assert.deepEqual(carrier.tick(instance, { query, k: 1 }, config).ids, new Uint32Array([5]));
  });

  check("keeps up with vectors that come, change and go", (carrier) => {
    const dimensions = 16,
      config = JSON.stringify({ dimensions, metric: "l2" }),
      rows = new Map<number, Float32Array>();
    const instance = instanceOf(carrier, "vector.index");
    for (let round = 0; round < 60; round++) {
      const remove = Uint32Array.from([...rows.keys()].filter((id) => (id * 7 + round) % 5 === 0));
      const ids = Uint32Array.from({ length: 40 }, (_, i) => (i * 37 + round * 11) % 1000);
      const unique = [...new Set(ids)], add = numbers(unique.length * dimensions, round + 1);
      remove.forEach((id) => rows.delete(id));
      unique.forEach((id, i) => rows.set(id, add.subarray(i * dimensions, (i + 1) * dimensions)));
      const query = numbers(dimensions, 1000 + round);
      const result = carrier.tick(
        instance,
        { remove, add, ids: Uint32Array.from(unique), query, k: 7 },
        config,
      );
      assert.equal(result.count, rows.size);
      assert.equal(result.removed, remove.length);
      checkAnswer("l2", rows, query, 7, result.ids as Uint32Array, result.scores as Float32Array);
    }
  });

  check("gives ids to vectors that come without", (carrier) => {
    const instance = instanceOf(carrier, "vector.index"), config = '{"dimensions":2}';
    const add = (count: number, ids?: Uint32Array) =>
      carrier.tick(instance, { add: numbers(2 * count, 1), ids }, config);
    assert.deepEqual(add(2), { added: new Uint32Array([0, 1]), count: 2 });
    assert.deepEqual(add(1, new Uint32Array([9])), { added: new Uint32Array([9]), count: 3 });
    assert.deepEqual(add(2), { added: new Uint32Array([10, 11]), count: 5 });
  });

  check("answers an empty index, a zero vector and a k that is too large", (carrier) => {
    const instance = instanceOf(carrier, "vector.index"), config = '{"dimensions":2}';
    const zero = new Float32Array(2), none = { ids: new Uint32Array(), scores: new Float32Array(), count: 0 };
    assert.deepEqual(carrier.tick(instance, { query: zero }, config), none);
    carrier.tick(instance, { add: new Float32Array([0, 0, 1, 0]) }, config);
    const { ids, scores } = carrier.tick(instance, { query: new Float32Array([2, 0]), k: 100 }, config);
    assert.deepEqual([ids, scores], [new Uint32Array([1, 0]), new Float32Array([1, 0])]);
  });

  check("searches vectors that come with the query", (carrier) => {
    const dimensions = 20, vectors = numbers(dimensions * 300, 3), query = numbers(dimensions, 4);
    const rows = new Map(
      Array.from({ length: 300 }, (_, i) => [i, vectors.subarray(i * dimensions, (i + 1) * dimensions)]),
    );
    for (const metric of METRICS) {
      const instance = instanceOf(carrier, "vector.nearest");
      const result = carrier.tick(instance, { vectors, query, k: 5 }, JSON.stringify({ dimensions, metric }));
      checkAnswer(metric, rows, query, 5, result.indexes as Uint32Array, result.scores as Float32Array);
    }
  });

  check("refuses what is not a vector", (carrier) => {
    const instance = instanceOf(carrier, "vector.index"), config = '{"dimensions":2}';
    const tick = (input: Record<string, unknown>, settings = config) => () =>
      carrier.tick(instance, input, settings);
    assert.throws(tick({}, "{}"), refused(/"dimensions" is not/));
    assert.throws(tick({}, '{"dimensions":2,"metric":"x"}'), refused(/"metric" is not/));
    assert.throws(tick({ add: new Float32Array(3) }), refused(/not a multiple/));
    assert.throws(tick({ add: new Float64Array(2) }), refused(/not a Float32Array/));
    assert.throws(tick({ add: new Float32Array([1, NaN]) }), refused(/not finite/));
    assert.throws(
      tick({ add: new Float32Array(2), ids: new Uint32Array(2) }),
      refused(/not one id for each/),
    );
    assert.throws(tick({ query: new Float32Array(2), k: 0 }), refused(/k is not/));
    tick({ add: new Float32Array(2) })();
    assert.throws(tick({}, '{"dimensions":3}'), refused(/Cannot change the dimensions/));
  });

  const samples = {
    "vector.index": {
      input: { add: numbers(16, 1), ids: new Uint32Array([1, 2]), query: numbers(8, 2), k: 2 },
      config: { dimensions: 8 },
    },
    "vector.nearest": { input: { vectors: numbers(16, 1), query: numbers(8, 2) }, config: { dimensions: 8 } },
  };
  for (const { name, run } of conformance(file, { samples })) Deno.test(`vector as ${kind} ${name}`, run);
}
