/**
 * A state as it is stored: `{"version":1,"state":{…}}`, in UTF-8, under `["state", definition id]` or, for a
 * keyed process, `["state", definition id, key]`.
 */
import { Buffer } from "node:buffer";
import { DecodeError, StateTooLarge } from "@denizen/macro";
import { DenizenError, messageOf } from "../errors.ts";
import { STATE_BYTES_MAX } from "../limits.ts";
import type { Migration, StateContract } from "@denizen/macro";
import type { StorageKey } from "../storage/storage.ts";
import type { SavedState } from "./executor.ts";

/** How the state of one class is read and written. */
export interface StateShape {
  readonly state: StateContract;
  readonly version: number;
  readonly migrations: Readonly<Record<number, Migration>>;
}

/** The most that one UTF-16 unit takes in UTF-8. */
const UTF8_BYTES_PER_UNIT = 3;

const decoder = new TextDecoder("utf-8", { fatal: true });

export function stateKey(definition: { readonly id: string }, key: string | undefined): StorageKey {
  return key === undefined ? ["state", definition.id] : ["state", definition.id, key];
}

/** Where a reload keeps the state of a process that never saves, for the one start that follows. */
export function volatileKey(id: string): StorageKey {
  return [...VOLATILE_PREFIX, id];
}

export const VOLATILE_PREFIX: StorageKey = ["handover"];

/**
 * There from the start of a run that found states of a reload until a reload ends it: if it is killed, they
 * are out of date.
 */
export const VOLATILE_IN_USE_KEY: StorageKey = ["handover in use"];

/** What is written for the JSON text of a state: its *image*. */
export function record(version: number, image: string): string {
  return `{"version":${version},"state":${image}}`;
}

/** @throws if the bytes are no record. */
export function readRecord(bytes: Uint8Array): SavedState {
  return JSON.parse(decoder.decode(bytes)) as SavedState;
}

/** Why a process with such a saved state does not start (G8). */
export function unreadableState(id: string, cause: unknown): DenizenError {
  return new DenizenError(
    "state_unreadable",
    `Cannot start ${id} as its stored state cannot be read, and it will not be overwritten: ${
      messageOf(cause)
    }`,
    { cause },
  );
}

/**
 * The state of `instance` as JSON text.
 *
 * @throws {DecodeError} if it is not valid, or certain to be too large.
 */
export function stateText(contract: StateContract, instance: object): string {
  const state = contract.encode(instance, STATE_BYTES_MAX);
  try {
    return JSON.stringify(state);
  } catch (cause) {
    // The text is longer than any string: numbers and control characters may take a multiple of what was
    // counted.
    if (cause instanceof RangeError) throw new StateTooLarge(STATE_BYTES_MAX);
    throw cause;
  }
}

/** The error of a handler that left such a state (G4): `state_invalid` or `state_too_large`. */
export function invalidState(id: string, cause: unknown): DenizenError {
  if (cause instanceof StateTooLarge) return tooLarge(id, undefined, cause);
  return new DenizenError(
    "state_invalid",
    `Cannot keep the state of ${id} as it is invalid: ${messageOf(cause)}`,
    { cause },
  );
}

/** @throws {DenizenError} `state_too_large`. */
export function checkSize(id: string, image: string): void {
  const bytes = bytesOf(image, STATE_BYTES_MAX);
  if (bytes > STATE_BYTES_MAX) throw tooLarge(id, bytes);
}

function tooLarge(id: string, bytes: number | undefined, cause?: unknown): DenizenError {
  const actual = bytes === undefined ? "" : `: ${bytes}`;
  return new DenizenError(
    "state_too_large",
    `Cannot save ${id} as its state has more than ${STATE_BYTES_MAX} bytes (STATE_BYTES_MAX)${actual}`,
    { cause },
  );
}

/** The bytes of a text in UTF-8; for one that cannot reach `bound`, the number of its characters. */
export function bytesOf(text: string, bound: number): number {
  return text.length * UTF8_BYTES_PER_UNIT <= bound ? text.length : Buffer.byteLength(text);
}

/**
 * Reads a saved state into `instance`, migrating older versions (G8).
 *
 * @throws {DenizenError} `state_unreadable`, with the reason alone as its text.
 */
export function restoreState(shape: StateShape, instance: object, { version, state }: SavedState): void {
  const current = migrate(shape, version, state);
  try {
    shape.state.decode(instance, current);
  } catch (cause) {
    if (!(cause instanceof DecodeError)) throw cause;
    const migration = shape.version - 1;
    throw unreadable(
      version === shape.version
        ? `${cause.message}; ${shapeAdvice(shape)}`
        : `what the migration from version ${migration} returned does not fit the class: ${cause.message}; ` +
          `correct migrations[${migration}]`,
      cause,
    );
  }
}

/** What to do when the class has another shape than the state that was stored. */
function shapeAdvice({ version }: StateShape): string {
  return `if the class has changed since, raise its "version" to ${version + 1} and give it ` +
    `migrations: { ${version}: (old) => … }, or start with another data folder`;
}

function unreadable(reason: string, cause?: unknown): DenizenError {
  return new DenizenError("state_unreadable", reason, { cause });
}

function migrate(shape: StateShape, stored: number, state: unknown): unknown {
  if (!Number.isInteger(stored)) throw unreadable(`its version is ${stored}`);
  if (stored > shape.version) {
    throw unreadable(
      `it has version ${stored}, and the class is at version ${shape.version}: run the newer code`,
    );
  }
  let current = state;
  for (let version = stored; version < shape.version; version++) {
    const migration = shape.migrations[version];
    if (!migration) {
      throw unreadable(`no migration leads from version ${version}: add ${version}: (old) => …`);
    }
    try {
      current = migration(current);
    } catch (cause) {
      throw unreadable(`the migration from version ${version} threw: ${messageOf(cause)}`, cause);
    }
    if (!isRecord(current)) {
      throw unreadable(
        `the migration from version ${version} must return a plain object, and returned ${nameOf(current)}`,
      );
    }
  }
  return current;
}

/** Anything else would read as a state in which every field is missing. */
function isRecord(state: unknown): boolean {
  if (typeof state !== "object" || state === null) return false;
  const prototype = Object.getPrototypeOf(state);
  return prototype === Object.prototype || prototype === null;
}

function nameOf(returned: unknown): string {
  if (returned === null || returned === undefined) return "nothing";
  if (Array.isArray(returned)) return "a list";
  if (typeof returned !== "object") return `a ${typeof returned}`;
  return returned instanceof Promise ? "a promise: migrations are not async" : "an instance of a class";
}
