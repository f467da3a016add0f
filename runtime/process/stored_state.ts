/**
 * A state as it is stored: `{"version":1,"state":{…}}`, in UTF-8, under `["state", definition id]` or, for a keyed process,
 * `["state", definition id, key]`.
 */
import { DecodeError } from "@denizen/macro";
import { DenizenError, messageOf } from "../errors.ts";
import { STATE_BYTES_MAX } from "../limits.ts";
import type { StorageKey } from "../storage/storage.ts";
import type { Definition } from "./definition.ts";

const decoder = new TextDecoder("utf-8", { fatal: true });

export function stateKey(definition: Definition, key: string | undefined): StorageKey {
  return key === undefined ? ["state", definition.id] : ["state", definition.id, key];
}

/** Where a state is kept that only the next start reads: a reload's, of a process that never saves. */
export function handoverKey(id: string): StorageKey {
  return ["handover", id];
}

/** The state of `instance` as JSON text: its *image*. Two equal states of one process have equal images. */
export function imageOf(definition: Definition, id: string, instance: object): string {
  let image: string;
  try {
    image = JSON.stringify(definition.state.encode(instance));
  } catch (cause) {
    throw invalid(id, cause);
  }
  if (image.length > STATE_BYTES_MAX) {
    throw new DenizenError(
      "state_too_large",
      `Cannot save ${id} as its state has more than ${STATE_BYTES_MAX} bytes (STATE_BYTES_MAX): ${image.length}`,
    );
  }
  return image;
}

/** An independent copy of the state of `instance`. */
export function copyOf(definition: Definition, id: string, instance: object): unknown {
  try {
    return definition.state.copy(instance);
  } catch (cause) {
    throw invalid(id, cause);
  }
}

function invalid(id: string, cause: unknown): DenizenError {
  return new DenizenError(
    "state_invalid",
    `Cannot keep the state of ${id} as it is invalid: ${messageOf(cause)}`,
    { cause },
  );
}

/** What is written for an image. */
export function record(definition: Definition, image: string): string {
  return `{"version":${definition.version},"state":${image}}`;
}

/**
 * Reads a stored record into `instance`, migrating older versions (G8).
 *
 * @throws {DenizenError} `state_unreadable`; the record stays as it is.
 */
export function restoreRecord(
  definition: Definition,
  id: string,
  instance: object,
  bytes: Uint8Array,
): { migrated: boolean } {
  try {
    const { version, state } = JSON.parse(decoder.decode(bytes)) as { version: number; state: unknown };
    definition.state.decode(instance, migrate(definition, version, state));
    return { migrated: version !== definition.version };
  } catch (cause) {
    const reason = cause instanceof DecodeError
      ? `${cause.message}; ${shapeAdvice(definition)}`
      : messageOf(cause);
    throw new DenizenError(
      "state_unreadable",
      `Cannot start ${id} as its stored state cannot be read, and it will not be overwritten: ${reason}`,
      { cause },
    );
  }
}

/** What to do when the class has another shape than the state that was stored. */
function shapeAdvice({ version }: Definition): string {
  return `if the class has changed since, raise its "version" to ${version + 1} and give it ` +
    `migrations: { ${version}: (old) => … }, or start with another data folder`;
}

function unreadable(reason: string, cause?: unknown): DenizenError {
  return new DenizenError("state_unreadable", reason, { cause });
}

function migrate(definition: Definition, stored: number, state: unknown): unknown {
  if (!Number.isInteger(stored)) throw unreadable(`its version is ${stored}`);
  if (stored > definition.version) {
    throw unreadable(
      `it has version ${stored}, and the class is at version ${definition.version}: run the newer code`,
    );
  }
  let current = state;
  for (let version = stored; version < definition.version; version++) {
    const migration = definition.migrations[version];
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

/** Puts `instance` back to the state that `image` is of, keeping the object itself. */
export function rollBackToImage(definition: Definition, instance: object, image: string): void {
  const fresh = definition.create();
  definition.state.decode(fresh, JSON.parse(image));
  definition.state.restore(instance, definition.state.copy(fresh));
}
