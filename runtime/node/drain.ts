/** Ends a node: drained, so that nothing is lost, or killed, like a power failure. */
import { DenizenError } from "../errors.ts";
import { CONNECTION_CLOSE_MS, DRAIN_DEADLINE_MS, DRAIN_SAVE_MS } from "../limits.ts";
import { endInReload } from "../process/state_keeper.ts";
import type { Listener } from "../world/network.ts";
import type { NodeParts } from "./wiring.ts";

export interface DrainOptions {
  /** How long handlers may take to finish, in milliseconds. Default: 10,000. */
  readonly deadlineMs?: number;
  /** Keep the state of `Save.never` processes for the next start, as a reload does. Default: false. */
  readonly keepVolatile?: boolean;
}

/**
 * Refuses requests, lets handlers finish, saves unsaved states, closes. Stops waiting for handlers after
 * `deadlineMs`, with a line in the log. `listener` is absent if the node never got its port.
 */
export async function drain(
  parts: NodeParts,
  listener: Listener | undefined,
  { deadlineMs = DRAIN_DEADLINE_MS, keepVolatile = false }: DrainOptions,
): Promise<void> {
  const { clock, directory, gateway, sockets, packs } = parts;
  const expired = Promise.withResolvers<"expired">();
  const cancel = clock.after(deadlineMs, () => expired.resolve("expired"));
  for (const cell of directory) {
    if (cell.status === "restarting") cell.close(stopping());
  }
  const finished = Promise.all([gateway.close(), sockets.closeAll()]).then(() => settle(parts));
  if (await Promise.race([finished, expired.promise]) === "expired") {
    const busy = [...directory].filter((cell) => !cell.settled).map(({ id }) => id);
    parts.log.warn("handlers did not finish in time", { busy: busy.slice(0, 20), deadlineMs });
  }
  parts.passivation.close();
  parts.deadlines.close(stopping());
  await save(parts, keepVolatile);
  for (const cell of directory) cell.close(stopping());
  // Only now: until here, clients that connect get the reply that the node stops.
  await closeConnections(parts, listener, expired.promise);
  await Promise.race([packs[Symbol.asyncDispose](), expired.promise]);
  await packs.abort();
  cancel();
  await parts.store.close();
}

/** Ends everything at once, without saving, finishing or replying. */
export async function kill(parts: NodeParts, listener: Listener | undefined): Promise<void> {
  const cut = listener?.abort();
  parts.sockets.abandon();
  parts.passivation.close();
  parts.deadlines.close(stopping());
  for (const cell of parts.directory) cell.close(stopping());
  await Promise.all([cut, parts.packs.abort(), parts.commits.close()]);
  await parts.store.abandon();
}

/** The error for messages to a node that is draining or has ended. */
export function stopping(): DenizenError {
  return new DenizenError("draining", "Cannot answer as the node is shutting down");
}

/** Resolves when all processes are idle. One that finishes may have sent work to another. */
async function settle({ directory }: NodeParts): Promise<void> {
  for (;;) {
    const busy = [...directory].filter((cell) => !cell.settled);
    if (busy.length === 0) return;
    await Promise.all(busy.map((cell) => cell.whenSettled()));
  }
}

/**
 * Saves unsaved states and refuses more writes. The store gets its own time limit, independent of the
 * handlers.
 */
async function save({ clock, directory, commits, log }: NodeParts, keepVolatile: boolean): Promise<void> {
  const late = Promise.withResolvers<void>();
  const reason = `Cannot save as the store does not answer within ${DRAIN_SAVE_MS} ms (DRAIN_SAVE_MS)`;
  const cancel = clock.after(DRAIN_SAVE_MS, () => late.reject(new DenizenError("storage", reason)));
  try {
    for (const cell of directory) {
      if (cell.flush(keepVolatile) || commits.backlog === 0) continue;
      // The queue is full: what waits in it goes first.
      await Promise.race([commits.flush(), late.promise]);
      cell.flush(keepVolatile);
    }
    if (keepVolatile) endInReload(commits);
    await Promise.race([commits.flush(), late.promise]);
    await Promise.race([commits.close(), late.promise]);
  } catch (error) {
    log.error("not everything was saved", { error });
    commits.close();
  }
  cancel();
}

/** Waits for clients that read slowly until the drain expires, and for at least `CONNECTION_CLOSE_MS`. */
async function closeConnections(
  { clock, gateway }: NodeParts,
  listener: Listener | undefined,
  expired: Promise<unknown>,
): Promise<void> {
  if (!gateway.idle) return await listener?.abort();
  const closed = listener?.stopListening();
  const grace = Promise.withResolvers<void>();
  const cancel = clock.after(CONNECTION_CLOSE_MS, grace.resolve);
  await Promise.race([closed, Promise.all([expired, grace.promise])]);
  cancel();
}
