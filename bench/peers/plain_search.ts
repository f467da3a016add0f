/**
 * The nearest vectors by cosine, as fast as plain TypeScript can find them: precomputed norms, sums in eight
 * independent parts, and a sorted list of the best with one comparison for each vector that is not among
 * them. The arguments are how many vectors and how many searches; prints searches per second.
 */
import { DIMENSIONS, NEAREST, QUERIES, queryOf, vectors } from "../packs/vectors.ts";
import { secondsOf } from "../timed.ts";

/** Scores and indices of the best so far, best first. */
interface Best {
  readonly scores: Float64Array;
  readonly ids: Uint32Array;
}

function dot(floats: Float32Array, at: number, query: Float32Array): number {
  let [a, b, c, d, e, f, g, h] = [0, 0, 0, 0, 0, 0, 0, 0];
  for (let i = 0; i < DIMENSIONS; i += 8, at += 8) {
    a += floats[at] * query[i];
    b += floats[at + 1] * query[i + 1];
    c += floats[at + 2] * query[i + 2];
    d += floats[at + 3] * query[i + 3];
    e += floats[at + 4] * query[i + 4];
    f += floats[at + 5] * query[i + 5];
    g += floats[at + 6] * query[i + 6];
    h += floats[at + 7] * query[i + 7];
  }
  return (a + b) + (c + d) + (e + f) + (g + h);
}

export class PlainIndex {
  readonly #inverseNorms: Float64Array;

  constructor(readonly floats: Float32Array) {
    this.#inverseNorms = new Float64Array(floats.length / DIMENSIONS);
    for (let row = 0; row < this.#inverseNorms.length; row++) {
      const vector = floats.subarray(row * DIMENSIONS, (row + 1) * DIMENSIONS);
      this.#inverseNorms[row] = 1 / Math.sqrt(dot(vector, 0, vector));
    }
  }

  search(query: Float32Array): Best {
    const scores = new Float64Array(NEAREST).fill(-Infinity), ids = new Uint32Array(NEAREST);
    const { floats } = this, inverseNorms = this.#inverseNorms;
    let worst = -Infinity;
    for (let row = 0; row < inverseNorms.length; row++) {
      const score = dot(floats, row * DIMENSIONS, query) * inverseNorms[row];
      if (score <= worst) continue;
      let place = NEAREST - 1;
      for (; place > 0 && scores[place - 1] < score; place--) {
        scores[place] = scores[place - 1];
        ids[place] = ids[place - 1];
      }
      scores[place] = score;
      ids[place] = row;
      worst = scores[NEAREST - 1];
    }
    return { scores, ids };
  }
}

if (import.meta.main) {
  const [count, searches] = Deno.args.map(Number);
  const index = new PlainIndex(vectors(count, 1));
  const queries = vectors(QUERIES, 2);
  const seconds = await secondsOf(searches, (searches) => {
    for (let turn = 0; turn < searches; turn++) index.search(queryOf(queries, turn));
  });
  console.log(searches / seconds);
  Deno.exit();
}
