/** Which texts are nearly the same, by the vectors of their words. */
import type { Context, PackActor } from "@denizen/runtime";
import { features as textFeatures, segment as textSegment } from "./generated/text_pack.ts";
import { index as vectorIndex } from "./generated/vector_pack.ts";

const DIMENSIONS = 256;
/** How much of a text is compared. */
const CHARACTERS_MAX = 200_000;
const EXCERPT_CHARACTERS = 160;
const NEAR_MAX = 5;
/** Two texts count as nearly the same from this similarity on. The same words in another order reach 0.7. */
const SIMILARITY_MIN = 0.75;

interface Near {
  readonly hash: string;
  /** 1 for the same words in the same order. */
  readonly similarity: number;
}

/** The ports of the index. */
type VectorIndex = PackActor<NonNullable<typeof vectorIndex["types"]>>;

/** The text of a file; `undefined` for other bytes, and for texts without words. */
export function textOf(bytes: Uint8Array): string | undefined {
  try {
    const text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
    return /\p{L}/u.test(text) && !text.includes("\0") ? text.slice(0, CHARACTERS_MAX) : undefined;
  } catch {
    return undefined;
  }
}

/** How a text begins, cut where a sentence or a word ends. */
export async function excerptOf(text: string, ctx: Context): Promise<string> {
  const segment = await ctx.packs.actor(textSegment, { config: { size: EXCERPT_CHARACTERS } });
  const { segments } = await segment.run({ input: text.trimStart().slice(0, 2 * EXCERPT_CHARACTERS) });
  return segments[0]?.trim() ?? "";
}

export async function vectorOf(text: string, ctx: Context): Promise<Float32Array> {
  const features = await ctx.packs.actor(textFeatures, { config: { dimensions: DIMENSIONS } });
  return (await features.run({ input: text })).vector;
}

/**
 * The hash for each id that an index holds. An index lives in the memory of its pack: a process gets an
 * empty one when it is loaded, and after its pack trapped. It is synchronised with the state before each
 * search, so nothing is lost with it.
 */
const heldBy = new WeakMap<VectorIndex, Map<number, string>>();

/** The texts of `vectors`, by hash, that are nearly the same as that of `vector`; the nearest first. */
export async function nearestOf(
  vector: Float32Array,
  vectors: ReadonlyMap<string, Float32Array>,
  ctx: Context,
): Promise<Near[]> {
  const index = await openIndex(ctx);
  const hashes = await bringUpTo(vectors, index);
  const { ids, scores } = await index.run({ query: vector, k: NEAR_MAX });
  return [...ids!].map((id, rank) => ({ hash: hashes.get(id)!, similarity: scores![rank]! }))
    .filter(({ similarity }) => similarity >= SIMILARITY_MIN);
}

/** The index of this process; a new one if its content was lost. */
async function openIndex(ctx: Context): Promise<VectorIndex> {
  const options = { config: { dimensions: DIMENSIONS } };
  const index = await ctx.packs.actor(vectorIndex, options);
  const { count } = await index.run({});
  if (count === (heldBy.get(index)?.size ?? 0)) return index;
  await index[Symbol.asyncDispose]();
  return await ctx.packs.actor(vectorIndex, options);
}

/** Removes what is no longer in the state, and adds what is missing. */
async function bringUpTo(
  vectors: ReadonlyMap<string, Float32Array>,
  index: VectorIndex,
): Promise<ReadonlyMap<number, string>> {
  const held = heldBy.get(index) ?? new Map<number, string>();
  heldBy.set(index, held);
  const known = new Set(held.values());
  const gone = [...held.keys()].filter((id) => !vectors.has(held.get(id)!));
  const missing = [...vectors.keys()].filter((hash) => !known.has(hash));
  const add = new Float32Array(missing.length * DIMENSIONS);
  missing.forEach((hash, row) => add.set(vectors.get(hash)!, row * DIMENSIONS));
  const { added = [] } = await index.run({ remove: Uint32Array.from(gone), add });
  for (const id of gone) held.delete(id);
  missing.forEach((hash, row) => held.set(added[row]!, hash));
  return held;
}
