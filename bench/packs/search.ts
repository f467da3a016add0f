/**
 * Searches per second in a `vector.index`, each for the 10 nearest by cosine. The results are compared with
 * those of the plain loop.
 */
import { PlainIndex } from "../peers/plain_search.ts";
import { secondsOf } from "../timed.ts";
import { actorOf, finish, rest } from "./measured_pack.ts";
import { DIMENSIONS, NEAREST, QUERIES, queryOf, vectors } from "./vectors.ts";

const [count, searches] = rest.map(Number);
/** Vectors added in one call. */
const BATCH = 10_000;

const index = await actorOf("vector.index", { dimensions: DIMENSIONS });
const all = vectors(count, 1), queries = vectors(QUERIES, 2);
for (let from = 0; from < count; from += BATCH) {
  await index.run({ add: all.subarray(from * DIMENSIONS, (from + BATCH) * DIMENSIONS) });
}
let ids: unknown;
const seconds = await secondsOf(searches, async (searches) => {
  for (let turn = 0; turn < searches; turn++) {
    ({ ids } = await index.run({ query: queryOf(queries, turn), k: NEAREST }));
  }
});
const right = new PlainIndex(all).search(queryOf(queries, searches - 1)).ids;
if (String(ids) !== String(right)) throw new Error(`Cannot use the run as it found ${ids} and not ${right}`);
finish(searches / seconds);
