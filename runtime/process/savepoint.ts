/**
 * Savepoints of a state in memory: what the fields of an instance held, and what every container they reach
 * contained.
 *
 * Owns: taking such a savepoint and rolling back to it. Does not own: when that happens (state_keeper.ts),
 * whether the state is valid, or how it is stored.
 *
 * - I1 Rolling back puts the contents back into the very same containers, so that what a running handler, an
 *   iterator, a closure or a `#private` index refers to is still part of the state. Only what differs is
 *   touched.
 * - I2 A container is a list, `Map`, `Set`, `Date`, typed array, `ArrayBuffer` or plain object. An instance
 *   of any other class is no state (the encoder refuses it) and is left alone, as is what it refers to.
 * - I3 A savepoint shares no container with the state: it can be rolled back to several times, and in any
 *   order with others.
 *
 * One case cannot keep identity: a container that no longer takes its contents back, as it was frozen or its
 * bytes were transferred. A new one takes its place wherever the state refers to it.
 *
 * If an entry of a `Map` or `Set`, or a field of an object, was deleted, those behind it are deleted and
 * added again, because JavaScript has no other way to restore their order; an iterator that had passed them
 * meets them a second time.
 */
import { type Content, copyOf, putBack, replacementOf } from "./container.ts";

/**
 * The containers before it are recorded without asking whether one occurs twice, which changes nothing but
 * the cost.
 */
const CHECKED_FROM = 1_000;
/** How much the number of containers grows until the next check. */
const CHECK_GROWTH = 16;

export interface Savepoint {
  readonly instance: object;
  readonly fields: readonly string[];
  /** What each field held; {@link ABSENT} for one that was missing. */
  readonly values: unknown[];
  /** Every container that the fields reach, and for each what it contained. */
  readonly containers: readonly object[] | undefined;
  readonly contents: Content[] | undefined;
}

type Instance = { [field: string]: unknown };

const ABSENT = Symbol("absent");

/**
 * Records the state that the `fields` of `instance` hold. Costs one small array for a state of primitives,
 * and a shallow copy of every container otherwise; takes cyclic and shared containers, too.
 */
export function takeSavepoint(instance: object, fields: readonly string[]): Savepoint {
  const from = instance as Instance;
  const values: unknown[] = [];
  let containers: object[] | undefined;
  for (const field of fields) {
    const value = from[field];
    if (typeof value === "object" && value !== null) (containers ??= []).push(value);
    values.push(value === undefined && !(field in from) ? ABSENT : value);
  }
  if (containers === undefined) return { instance, fields, values, containers, contents: undefined };
  return { instance, fields, values, ...recordAll(containers) };
}

/** Breadth first: a state may nest deeper than the stack. */
function recordAll(roots: object[]): { containers: object[]; contents: Content[] } {
  let containers = roots;
  const contents: Content[] = [];
  let seen: Set<object> | undefined;
  let checkAt = CHECKED_FROM;
  for (let at = 0; at < containers.length; at++) {
    const known = containers.length;
    contents.push(copyOf(containers[at]!, containers));
    if (seen !== undefined) keepNew(containers, known, seen);
    else if (containers.length >= checkAt) {
      const all = new Set(containers);
      // The first of each stays where it is, so what is already recorded keeps its position unless it occurs
      // twice.
      if (all.size < containers.length) {
        const recorded = new Map<object, Content>();
        for (let done = 0; done <= at; done++) recorded.set(containers[done]!, contents[done]!);
        seen = all;
        containers = [...all];
        at = recorded.size - 1;
        contents.length = 0;
        for (const content of recorded.values()) contents.push(content);
      }
      checkAt = containers.length * CHECK_GROWTH;
    }
  }
  return { containers, contents };
}

/** Takes out of `containers`, from position `from` on, those that were `seen` before. */
function keepNew(containers: object[], from: number, seen: Set<object>): void {
  let kept = from;
  for (let at = from; at < containers.length; at++) {
    const container = containers[at]!;
    if (seen.has(container)) continue;
    seen.add(container);
    containers[kept++] = container;
  }
  containers.length = kept;
}

/** Puts the fields and every container back to what they held when the savepoint was taken. */
export function rollBack(savepoint: Savepoint): void {
  const { containers, contents } = savepoint;
  if (containers === undefined || contents === undefined) return putFieldsBack(savepoint);
  const replaced = new Map<object, object>();
  // A replaced container changes those that refer to it, and one of these may be unable to take it.
  for (let known = -1; known < replaced.size;) {
    known = replaced.size;
    for (let at = 0; at < containers.length; at++) {
      const container = containers[at]!;
      const target = replaced.get(container) ?? container;
      if (putBack(target, contents[at]!, replaced)) continue;
      replaced.set(container, replacementOf(container, contents[at]!, replaced));
    }
  }
  putFieldsBack(savepoint, replaced);
}

function putFieldsBack({ instance, fields, values }: Savepoint, replaced?: Map<object, object>): void {
  const to = instance as Instance;
  for (let at = 0; at < fields.length; at++) {
    const field = fields[at]!;
    const value = values[at];
    if (value === ABSENT) delete to[field];
    else {
      const wanted = replaced?.get(value as object) ?? value;
      if (!Object.is(to[field], wanted) || wanted === undefined) to[field] = wanted;
    }
  }
}
