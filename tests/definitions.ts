/** Variants of a definition, as if its class had been declared differently. */
import { type Migration, Save, type SavePolicy } from "@denizen/macro";
import type { ClassDefinition, Definition } from "@denizen/runtime";

/** The same class under another save policy, for the process and all of its handlers. */
export function withSave(definition: Definition, save: SavePolicy): Definition {
  const handlers = new Map([...definition.handlers].map(([tag, handler]) => [tag, { ...handler, save }]));
  const init = definition.init && { ...definition.init, save };
  const socket = definition.socket && { ...definition.socket, save };
  return { ...definition, save, handlers, init, socket };
}

/** The same class at another version, with the migrations that lead there. */
export function withVersion(
  definition: ClassDefinition,
  version: number,
  migrations: Record<number, Migration> = {},
): ClassDefinition {
  return { ...definition, version, hosted: { ...definition.hosted, version, migrations } };
}

/** One of each kind. */
export const POLICIES: readonly SavePolicy[] = [
  Save.never,
  Save.everyMessage,
  Save.everyNMessages(2),
  Save.everySeconds(5),
  Save.onDiff,
];
