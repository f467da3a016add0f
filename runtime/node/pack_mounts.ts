/** The packs that a node starts with, and the processes that mount their templates. */
import { messageOf } from "../errors.ts";
import type { Log } from "../log.ts";
import type { PackRequest } from "../pack/bundle/pack_settings.ts";
import type { PackTable } from "../pack/pack_table.ts";
import { templateProcess } from "../pack/template_process.ts";
import type { Definition } from "../process/definition.ts";

/**
 * Loads packs and returns the definitions of their mounted templates. An optional pack that does not load is
 * only logged.
 *
 * @throws {DenizenError} why a required pack does not load; `unknown_template` for a mount of an unknown
 * template.
 */
export async function loadPacks(
  table: PackTable,
  requests: readonly PackRequest[],
  log: Log,
): Promise<Definition[]> {
  for (const request of requests) {
    try {
      await table.load(request);
    } catch (error) {
      if (!request.optional) throw error;
      log.error("a pack was not loaded", { path: request.path, reason: messageOf(error) });
    }
  }
  const mounts = requests.flatMap(({ processes }) => processes ?? []);
  return mounts.map((mount) => templateProcess(mount, table));
}
