/** The packs that a node starts with, and the processes that templates of theirs are. */
import { messageOf } from "../errors.ts";
import type { Log } from "../log.ts";
import type { PackRequest } from "../pack/bundle/pack_settings.ts";
import type { PackTable } from "../pack/pack_table.ts";
import { templateProcess } from "../pack/template_process.ts";
import type { Definition } from "../process/definition.ts";

/**
 * Loads packs and answers with the definitions of their mounted templates. A pack that is optional and does not load is a line in
 * the log.
 *
 * @throws {DenizenError} what is wrong with a pack that was asked for; `unknown_template` for a mount of what no pack has.
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
  return mounts.map((mount) => templateProcess(mount, table.find(mount.template, mount.id).description));
}
