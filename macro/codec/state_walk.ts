/**
 * Checks a state as a whole while it is encoded.
 *
 * Owns: the rule that every container occurs in one place of the state, and the bound on its size. Does not
 * own: the form in which values are stored (stored.ts).
 *
 * A container in two places would become two containers after a restart, and a cycle cannot be written out,
 * so both are refused with both paths. Frozen containers are no exception: `===` and `indexOf` would give
 * other answers after a restart. A `Date` may occur in several places: it is treated as a value, which
 * programs do not change in place.
 *
 * Checking that n containers are distinct takes a `Set` of them, which costs a third of the encoding. But a
 * handler changes little, so only the difference to the last state that passed is checked.
 */
import { DecodeError, inside } from "./decode_error.ts";
import { isPlain } from "./plain.ts";

/**
 * Up to this number, containers are compared with each other, and nothing is remembered for the next time.
 */
const COMPARED_MAX = 4;
/** After this many containers, duplicates are looked for at once: shared parts multiply with every level. */
const CHECKED_FROM = 1_000;
/** The factor by which the number of containers grows until duplicates are looked for again. */
const CHECK_GROWTH = 16;

const NONE: readonly object[] = [];

/** A state that takes more bytes than allowed. */
export class StateTooLarge extends DecodeError {
  constructor(bytesMax: number) {
    super(`at most ${bytesMax} bytes`, undefined, "more");
  }
}

class Walk {
  /** All containers so far, from the first difference to `before` on. */
  containers: object[] | undefined = undefined;
  /** How many containers were the same as in `before`. */
  same = 0;
  checkAt = CHECKED_FROM;
  bytesLeft: number;

  /** @param before the containers of the same state when it last passed. */
  constructor(readonly before: readonly object[], readonly bytesMax: number) {
    this.bytesLeft = bytesMax;
  }

  note(container: object): void {
    if (this.containers === undefined) {
      this.containers = this.before.slice(0, this.same);
      this.checkAt = Math.max(CHECKED_FROM, this.same * CHECK_GROWTH);
    }
    if (this.containers.push(container) < this.checkAt) return;
    if (new Set(this.containers).size < this.containers.length) throw repeated(container);
    this.checkAt *= CHECK_GROWTH;
  }
}

/** The walk in progress: there is one, because encoding is synchronous. A getter may start a nested one. */
let walk = new Walk(NONE, Number.MAX_SAFE_INTEGER);

/** The containers of an instance's state when it last passed, in the order of encoding. */
const distinctBefore = new WeakMap<object, readonly object[]>();

/** Reports a container that takes at least `least` bytes, in addition to what is counted for its parts. */
export function enter(container: object, least: number): void {
  if (walk.containers === undefined && walk.before[walk.same] === container) walk.same++;
  else walk.note(container);
  count(least);
}

/**
 * Counts bytes of the state. This is a lower bound: the exact size is measured when the state is written out.
 */
export function count(least: number): void {
  if ((walk.bytesLeft -= least) < 0) throw new StateTooLarge(walk.bytesMax);
}

/** Replaced by the error with both paths in {@link encodeState}, which knows where the walk began. */
function repeated(container: object): DecodeError {
  return new DecodeError("each part of the state in one place", container);
}

/**
 * Encodes the state of `instance` by `encode`, which notes what it meets.
 *
 * @throws {DecodeError} if a value does not fit its type, or a container occurs in two places.
 * @throws {StateTooLarge} once it is certain that the state takes more than `bytesMax` bytes.
 */
export function encodeState<T>(
  instance: object,
  bytesMax: number = Number.MAX_SAFE_INTEGER,
  fields: readonly string[],
  encode: (instance: object) => T,
): T {
  const outer = walk;
  const own = walk = new Walk(distinctBefore.get(instance) ?? NONE, bytesMax);
  try {
    const state = encode(instance);
    checkDistinct(own, instance);
    return state;
  } catch (error) {
    // Cycles and shared parts may first be noticed as endless nesting or size.
    throw repetitionIn(own.containers ?? NONE, instance, fields) ?? error;
  } finally {
    walk = outer;
  }
}

function checkDistinct({ containers, before, same }: Walk, instance: object): void {
  if (containers === undefined) {
    if (same < before.length) distinctBefore.set(instance, before.slice(0, same));
  } else if (containers.length <= COMPARED_MAX) {
    for (let at = 1; at < containers.length; at++) {
      if (containers.indexOf(containers[at]!) < at) throw repeated(containers[at]!);
    }
    if (before.length > 0) distinctBefore.delete(instance);
  } else {
    if (repeats(containers, before, same)) throw repeated(instance);
    distinctBefore.set(instance, containers);
  }
}

/**
 * Whether one of `now` occurs twice, given that none of `before` does and that the first `start` of both are
 * equal: only the part between equal ends is compared.
 */
function repeats(now: readonly object[], before: readonly object[], start: number): boolean {
  let end = now.length;
  for (let old = before.length; end > start && old > start && now[end - 1] === before[old - 1]; old--) end--;
  const changed = new Set<object>();
  for (let at = start; at < end; at++) changed.add(now[at]!);
  if (changed.size < end - start) return true;
  for (let at = 0; at < start; at++) if (changed.has(now[at]!)) return true;
  for (let at = end; at < now.length; at++) if (changed.has(now[at]!)) return true;
  return false;
}

/** The error for the first container that was met twice, if one was. */
function repetitionIn(
  containers: readonly object[],
  instance: object,
  fields: readonly string[],
): DecodeError | undefined {
  const seen = new Set<object>();
  for (const container of containers) {
    if (!seen.has(container)) {
      seen.add(container);
      continue;
    }
    const [first, second] = pathsTo(container, instance, fields);
    if (first !== undefined && second !== undefined) return repetition(container, first, second);
  }
  return undefined;
}

type Path = readonly (string | number)[];

function repetition(container: object, first: Path, second: Path): DecodeError {
  const cyclic = first.every((step, at) => step === second[at]);
  const place = new DecodeError("", container);
  for (const step of first.toReversed()) place.prepend(step);
  const error = cyclic
    ? new DecodeError("no cycle", container, `what contains it, ${place.path}: store a key that leads there`)
    : new DecodeError(
      `${nameOf(container)} of its own`,
      container,
      `the one at ${place.path}: store a copy (${copyOf(container)}), or a key that leads there`,
    );
  for (const step of second.toReversed()) inside(error, step);
  return error;
}

function nameOf(container: object): string {
  if (Array.isArray(container)) return "a list";
  if (container instanceof Map) return "a Map";
  if (container instanceof Set) return "a Set";
  return ArrayBuffer.isView(container) ? "bytes" : "an object";
}

function copyOf(container: object): string {
  if (Array.isArray(container)) return "[...list]";
  if (container instanceof Map) return "new Map(map)";
  if (container instanceof Set) return "new Set(set)";
  return ArrayBuffer.isView(container) ? "bytes.slice()" : "{ ...object }";
}

interface Visit {
  readonly container: object;
  readonly path: Path;
}

/**
 * The first two paths to `target`. Every other container is followed once, which keeps a state full of
 * sharing finite.
 */
function pathsTo(target: object, instance: object, fields: readonly string[]): Path[] {
  const paths: Path[] = [];
  const followed = new Set<object>();
  const record = instance as { readonly [field: string]: unknown };
  const waiting: Visit[] = [];
  const expect = (parts: readonly Part[], path: Path) => {
    for (const [part, ...steps] of parts.toReversed()) {
      if (typeof part === "object" && part !== null) {
        waiting.push({ container: part, path: [...path, ...steps] });
      }
    }
  };
  expect(fields.map((field) => [record[field], field]), []);
  for (let next = waiting.pop(); next !== undefined && paths.length < 2; next = waiting.pop()) {
    if (next.container === target) paths.push(next.path);
    if (followed.has(next.container)) continue;
    followed.add(next.container);
    expect(partsOf(next.container), next.path);
  }
  return paths;
}

/** A part of a container, and the steps that lead there. */
type Part = readonly [unknown, ...(string | number)[]];

function partsOf(container: object): Part[] {
  if (container instanceof Set) return [...container].map((part, at) => [part, at]);
  if (container instanceof Map) {
    return [...container].flatMap(([key, value], at): Part[] => [
      [key, at, 0],
      typeof key === "string" ? [value, key] : [value, at, 1],
    ]);
  }
  const isOpen = Array.isArray(container) || isPlain(container);
  return isOpen ? Object.entries(container).map(([field, part]) => [part, field]) : [];
}
