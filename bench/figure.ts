/** What one comparison found, and what it had to reach. */

export interface Bound {
  readonly direction: "at least" | "at most";
  readonly value: number;
}

export interface Figure {
  readonly subject: string;
  readonly figure: string;
  readonly unit: string;
  readonly ours: number;
  readonly peers: Readonly<Record<string, number>>;
  /** Ours divided by the peer's. */
  readonly ratios: Readonly<Record<string, number>>;
  readonly goal?: Bound;
  readonly ratioGoals: Readonly<Record<string, Bound>>;
  /** Peers that could not run here, with the reason. */
  readonly skipped: Readonly<Record<string, string>>;
}
