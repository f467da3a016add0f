/**
 * Measures one figure for us and for each peer so that their ratio is meaningful: same machine, same run, a
 * fresh process for every measurement, the order of the variants reversed each round, and the median of all
 * rounds.
 */
import { Unavailable } from "./child.ts";
import type { Bound, Figure } from "./figure.ts";

/** One side of a comparison. Each call of `measure` starts, measures and ends a fresh process. */
export interface Variant {
  readonly name: string;
  measure(): Promise<number>;
}

export interface Peer extends Variant {
  /** What the ratio ours / peer must reach, as in the project's own table. */
  readonly goal?: Bound;
}

export interface Comparison {
  readonly subject: string;
  readonly figure: string;
  readonly unit: string;
  /** A goal on the figure itself. */
  readonly goal?: Bound;
  readonly ours: Variant;
  readonly peers: readonly Peer[];
}

/** A peer that cannot run here is skipped with the reason; the figure is printed without it. */
export async function compare(comparison: Comparison, rounds: number): Promise<Figure> {
  const { ours, peers } = comparison;
  const values = new Map<Variant, number[]>([ours, ...peers].map((variant) => [variant, []]));
  const skipped: Record<string, string> = {};
  for (let round = 0; round < rounds; round++) {
    const order = [...values.keys()];
    for (const variant of round % 2 === 0 ? order : order.reverse()) {
      try {
        values.get(variant)!.push(await variant.measure());
      } catch (error) {
        if (!(error instanceof Unavailable) || variant === ours) throw error;
        skipped[variant.name] = error.message;
        values.delete(variant);
      }
    }
  }
  const measured = peers.filter((peer) => values.has(peer));
  const ourMedian = median(values.get(ours)!);
  const entries = measured.map((peer) => [peer.name, median(values.get(peer)!)] as const);
  return {
    subject: comparison.subject,
    figure: comparison.figure,
    unit: comparison.unit,
    ours: ourMedian,
    peers: Object.fromEntries(entries),
    ratios: Object.fromEntries(entries.map(([name, value]) => [name, ourMedian / value])),
    goal: comparison.goal,
    ratioGoals: Object.fromEntries(measured.flatMap((peer) => peer.goal ? [[peer.name, peer.goal]] : [])),
    skipped,
  };
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}
