/**
 * Makes the effects of processes durable: the commit queue, and the fence that keeps a store to one node.
 *
 * @module
 */

export { CommitQueue, type CommitQueueOptions, type CommitTarget } from "./commit_queue.ts";
export type { Effect } from "./effect.ts";
export { Fence } from "./fence.ts";
export type { FenceOptions } from "./fence_claim.ts";
