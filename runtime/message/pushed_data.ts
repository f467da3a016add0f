/**
 * Encodes what a process pushes to a WebSocket. Text and bytes are sent unchanged; anything else is JSON in
 * the canonical mapping, as far as the value alone shows its type.
 */

/** Encoded immediately: later changes by the handler must not change what is sent. */
export function pushedData(data: string | Uint8Array | object): string | Uint8Array {
  if (typeof data === "string") return data;
  return data instanceof Uint8Array ? data.slice() : JSON.stringify(data, wireForm);
}

/** `JSON.stringify` converts dates to text before it calls the replacer. */
function wireForm(_name: string, value: unknown): unknown {
  switch (typeof value) {
    case "bigint":
      return Number.isSafeInteger(Number(value)) ? Number(value) : value.toString();
    case "number":
      return Number.isFinite(value) && !Object.is(value, -0)
        ? value
        : Object.is(value, -0)
        ? "-0"
        : String(value);
    case "object":
      if (value instanceof Uint8Array) return value.toBase64();
      if (value instanceof Set) return [...value];
      if (value instanceof Map) {
        const entries = [...value];
        const named = entries.every(([key]) => typeof key === "string");
        return named ? Object.fromEntries(entries) : entries;
      }
  }
  return value;
}
