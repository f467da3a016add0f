/** Whether a node should be sent requests, for load balancers and supervisors: what `/readyz` tells. */
import type { CommitHealth } from "../commit/fence.ts";
import type { DenizenError } from "../errors.ts";
import { READY_BACKLOG_MAX, READY_COMMIT_MS, READY_FAILURE_MS } from "../limits.ts";

/** What readiness depends on. */
interface ReadinessParts {
  readonly draining: boolean;
  /** The node's hold on its store. */
  readonly store: { readonly lost: DenizenError | undefined; readonly health: CommitHealth };
  readonly commits: { readonly backlog: number };
}

/** Why a node is not ready, with the figure that decided. */
export type UnreadyReason =
  | { readonly reason: "draining" }
  | { readonly reason: "lost_ownership" }
  /** A commit has been under way for longer than `READY_COMMIT_MS`. */
  | { readonly reason: "store_hangs"; readonly waitingMs: number }
  /** The last commits failed, the last of them less than `READY_FAILURE_MS` ago. */
  | { readonly reason: "store_fails"; readonly failures: number }
  /** More than `READY_BACKLOG_MAX` writes wait. */
  | { readonly reason: "backlog"; readonly writes: number };

export function unreadyReasons({ draining, store, commits }: ReadinessParts): UnreadyReason[] {
  const { waitingMs, failures, failedAgoMs } = store.health;
  const reasons: UnreadyReason[] = [];
  if (draining) reasons.push({ reason: "draining" });
  if (store.lost) reasons.push({ reason: "lost_ownership" });
  if (waitingMs > READY_COMMIT_MS) reasons.push({ reason: "store_hangs", waitingMs: Math.round(waitingMs) });
  if (failures > 0 && failedAgoMs < READY_FAILURE_MS) reasons.push({ reason: "store_fails", failures });
  if (commits.backlog > READY_BACKLOG_MAX) reasons.push({ reason: "backlog", writes: commits.backlog });
  return reasons;
}
