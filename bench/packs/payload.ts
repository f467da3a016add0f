/** What the small ticks carry, ours and each peer's: 64 bytes as JSON, by the name of the figure. */
const PAYLOADS = {
  object: { id: 12345678, name: "a payload", on: true, at: 1.5, tags: [1] },
  text: "What a pack is asked most often has the form of a line of text",
};

export type PayloadName = keyof typeof PAYLOADS;

const BYTES = 64;

export function payload(name: string): unknown {
  const value = PAYLOADS[name as PayloadName];
  const { length } = JSON.stringify(value);
  if (length !== BYTES) throw new Error(`Cannot use a payload of other than ${BYTES} bytes: ${length}`);
  return value;
}

/** Checks that the echo returned its input. */
export function checkEcho(name: string, output: unknown): void {
  if (JSON.stringify(output) === JSON.stringify(payload(name))) return;
  throw new Error(`Cannot use the run as the echo is wrong: ${JSON.stringify(output)}`);
}
