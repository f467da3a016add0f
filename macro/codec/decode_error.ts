/** The error for a value that does not fit its type, with the path to the value. */

/** The longest part of a value or name in an error text, in characters. */
const SHOWN_CHARACTERS_MAX = 40;
/** The most path segments in an error text. */
const SHOWN_SEGMENTS_MAX = 24;
/** How deep recursive values may nest: far deeper than any real tree, far less than overflows the stack. */
export const NESTING_MAX = 1_000;
/**
 * How many values of recursive types one value may hold. A value that shares its parts is written out once
 * for each path that leads to them: without a bound, some thirty objects could fill the memory.
 */
export const NESTED_VALUES_MAX = 4_000_000;

function shortened(text: string): string {
  return text.length <= SHOWN_CHARACTERS_MAX ? text : `${text.slice(0, SHOWN_CHARACTERS_MAX)}…`;
}

/** Describes a value in a few words, without running any code of the value. */
export function describe(value: unknown): string {
  if (value === undefined) return "nothing";
  if (value === null) return "null";
  switch (typeof value) {
    case "string":
      return `string ${JSON.stringify(shortened(value))}`;
    case "number":
      return `number ${Object.is(value, -0) ? "-0" : value}`;
    case "bigint":
      return `bigint ${value > -(10n ** 20n) && value < 10n ** 20n ? value : "of more than 20 digits"}`;
    case "boolean":
      return String(value);
    case "object":
      if (Array.isArray(value)) return `list of ${value.length}`;
      if (value instanceof Date) return Number.isNaN(value.getTime()) ? "invalid Date" : "Date";
      if (value instanceof Map) return "Map";
      if (value instanceof Set) return "Set";
      return ArrayBuffer.isView(value) ? "bytes" : "object";
    default:
      return typeof value;
  }
}

/** One step of a path as RFC 6901 (JSON Pointer) writes it. */
function escaped(segment: string): string {
  return shortened(segment).replaceAll("~", "~0").replaceAll("/", "~1");
}

/**
 * A value that does not fit its declared type. `path` leads to it from the message's tag:
 * `/Update/0/dueDate`.
 */
export class DecodeError extends Error {
  static {
    this.prototype.name = "DecodeError";
  }
  readonly expected: string;
  /** The wrong value, in words. */
  readonly actual: string;
  /** From the innermost step to the outermost, because steps are added while the error unwinds. */
  readonly #segments: (string | number)[] = [];

  /** @param found says what `actual` is where its kind is not the point. */
  constructor(expected: string, actual: unknown, found: string = describe(actual)) {
    const text = `expected ${expected}, got ${found}`;
    super(text);
    this.expected = expected;
    this.actual = found;
    // Built when it is read: building it at every step would be quadratic in the depth.
    Object.defineProperty(this, "message", {
      get: () => this.#segments.length === 0 ? text : `${this.path}: ${text}`,
      configurable: true,
    });
  }

  /** A JSON Pointer to the wrong value, `""` for the whole value. The middle of a long one is left out. */
  get path(): string {
    const steps = this.#segments;
    const shown = (from: number, to: number) =>
      steps.slice(from, to).reverse().map((segment) => `/${escaped(String(segment))}`).join("");
    if (steps.length <= SHOWN_SEGMENTS_MAX) return shown(0, steps.length);
    const half = SHOWN_SEGMENTS_MAX / 2;
    return `${shown(steps.length - half, steps.length)}/…${shown(0, half)}`;
  }

  /** Adds one step in front of the path. */
  prepend(segment: string | number): void {
    this.#segments.push(segment);
  }
}

/** Prepends a path step to a decode error thrown inside that step; any other error is returned unchanged. */
export function inside(error: unknown, segment: string | number): unknown {
  if (error instanceof DecodeError) error.prepend(segment);
  return error;
}

/** Values of recursive types that the conversion in progress has met. */
let nestedValues = 0;

/**
 * Refuses a value of a recursive type that nests too deep, as every cyclic one does, or holds too many
 * others.
 */
export function checkDepth(depth: number): void {
  if (depth === 0) nestedValues = 0;
  if (++nestedValues > NESTED_VALUES_MAX) {
    throw new DecodeError(`at most ${NESTED_VALUES_MAX} values in one`, undefined, "more");
  }
  if (depth > NESTING_MAX) throw new DecodeError(`at most ${NESTING_MAX} levels`, undefined, "more");
}
