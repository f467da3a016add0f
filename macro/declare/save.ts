/** When a process's state becomes durable. Build one with {@link Save}. */
export type SavePolicy =
  | { readonly kind: "never" }
  | { readonly kind: "everyMessage" }
  | { readonly kind: "everyNMessages"; readonly messages: number }
  | { readonly kind: "everySeconds"; readonly seconds: number }
  | { readonly kind: "onDiff" };

function positive(option: string, value: number): number {
  if (!Number.isFinite(value) || value <= 0) {
    throw new RangeError(
      `Cannot use Save.${option} as it needs a number above zero: current value is ${value}`,
    );
  }
  return value;
}

/**
 * The save policies of Hyperware's framework, with the meaning that its documents promise.
 *
 * | policy | a reply is sent | lost by a kill |
 * |---|---|---|
 * | `never` | at once | everything since the start |
 * | `everyMessage` (default) | after the commit that holds its effects | nothing that was answered |
 * | `everyNMessages(n)` | at once; the n-th waits | at most n - 1 messages |
 * | `everySeconds(n)` | at once | at most n seconds |
 * | `onDiff` | after the commit, if the state changed | nothing that was answered |
 *
 * Every policy but `never` also saves when a process is passivated and when the node drains. An unchanged
 * state is never written again, so a read costs no disk under any of them.
 */
export const Save: {
  readonly never: SavePolicy;
  readonly everyMessage: SavePolicy;
  readonly onDiff: SavePolicy;
  /** @throws {RangeError} if `messages` is not a whole number above zero. */
  everyNMessages(messages: number): SavePolicy;
  /** @throws {RangeError} if `seconds` is not above zero. */
  everySeconds(seconds: number): SavePolicy;
} = {
  never: { kind: "never" },
  everyMessage: { kind: "everyMessage" },
  onDiff: { kind: "onDiff" },
  everyNMessages(messages: number): SavePolicy {
    if (!Number.isInteger(messages)) {
      throw new RangeError(
        `Cannot use Save.everyNMessages as it needs a whole number: current value is ${messages}`,
      );
    }
    return { kind: "everyNMessages", messages: positive("everyNMessages", messages) };
  },
  everySeconds(seconds: number): SavePolicy {
    return { kind: "everySeconds", seconds: positive("everySeconds", seconds) };
  },
};
