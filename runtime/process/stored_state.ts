/**
 * A state as it is stored: `{"version":1,"state":{…}}`, in UTF-8, under `["state", definition id]` or, for a
 * keyed process, `["state", definition id, key]`.
 */
import { DecodeError } from "@denizen/macro";
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

/** Why a handler fails that left such a state (G4). */
export function invalidState(id: string, cause: unknown): DenizenError {
  return new DenizenError(
    "state_invalid",
    `Cannot keep the state of ${id} as it is invalid: ${messageOf(cause)}`,
    { cause },
  );
}

/** @throws {DenizenError} `state_too_large`. */
export function checkSize(id: string, image: string): void {
  if (image.length <= STATE_BYTES_MAX) return;
  throw new DenizenError(
    "state_too_large",
    `Cannot save ${id} as its state has more than ${STATE_BYTES_MAX} bytes (STATE_BYTES_MAX): ${image.length}`,
  );
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
    throw unreadable(`${cause.message}; ${shapeAdvice(shape)}`, cause);
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
        `the migration from version ${version} returns no plain object, which a promise is not either`,
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
