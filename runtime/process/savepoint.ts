/**
 * Savepoints of a state in memory: the values of an instance's fields, and the contents of every container
 * reachable from them.
 *
 * Owns: taking a savepoint and rolling back to it. Does not own: when that happens (state_keeper.ts), whether
 * the state is valid, or how it is stored.
 *
 * - I1 Rolling back restores the contents of the same containers. A running handler, an iterator, a closure
 *   or a `#private` index that refers to one of them still refers to the state. Only differences are written.
 * - I2 A container is a list, `Map`, `Set`, `Date`, typed array, `ArrayBuffer` or plain object. Instances of
 *   other classes cannot be state (the encoder refuses them): they and what they refer to are left alone.
 * - I3 The copies in a savepoint never become part of the state, so one can roll back to it several times,
 *   and to several savepoints in any order.
 *
 * Identity is lost in one case: a container that was frozen, or whose bytes were transferred, cannot be
 * restored. A new container replaces it everywhere in the state.
 *
 * If an entry of a `Map` or `Set`, or a field of an object, was deleted, the entries after it are deleted and
 * added again, because JavaScript has no other way to restore their order. An iterator that was already past
 * them visits them a second time.
 */
import { type Content, copyOf, putBack, replacementOf } from "./container.ts";

/** Up to this number, containers are not checked for duplicates: recording one twice only costs time. */
const CHECKED_FROM = 1_000;
/** The factor by which the number of containers grows between two checks. */
const CHECK_GROWTH = 16;

export interface Savepoint {
  readonly instance: object;
  readonly fields: readonly string[];
  /** The value of each field; {@link ABSENT} for a missing one. */
  readonly values: unknown[];
  /** Every container reachable from the fields, and the contents of each. */
  readonly containers: readonly object[] | undefined;
  readonly contents: Content[] | undefined;
}

type Instance = { [field: string]: unknown };

const ABSENT = Symbol("absent");

/**
 * Records the state in the `fields` of `instance`: one small array for a state of primitives, otherwise a
 * shallow copy of every container too. Containers may be cyclic or shared.
 */
export function takeSavepoint(instance: object, fields: readonly string[]): Savepoint {
  const from = instance as Instance;
  // Of its size from the start: one that grows takes room for seventeen.
  const values: unknown[] = new Array(fields.length);
  let containers: object[] | undefined;
  for (let at = 0; at < fields.length; at++) {
    const field = fields[at]!;
    const value = from[field];
    if (typeof value === "object" && value !== null) (containers ??= []).push(value);
    values[at] = value === undefined && !(field in from) ? ABSENT : value;
  }
  if (containers === undefined) return { instance, fields, values, containers, contents: undefined };
  return { instance, fields, values, ...recordAll(containers) };
}

/** Walks breadth first, because a state may nest deeper than the stack allows. */
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
      // A set keeps the order of first occurrences, so the recorded containers still come first.
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

/** Removes from `containers`, from position `from` on, those that were `seen` before. */
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

/** Restores the fields and every container to what they held when the savepoint was taken. */
export function rollBack(savepoint: Savepoint): void {
  const { containers, contents } = savepoint;
  if (containers === undefined || contents === undefined) return putFieldsBack(savepoint);
  const replaced = new Map<object, object>();
  // Replacing a container changes the containers that refer to it, and those may have to be replaced too.
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
