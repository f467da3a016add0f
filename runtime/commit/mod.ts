/**
 * How what processes leave behind becomes durable: the commit queue in front of a store.
 *
 * @module
 */

export { CommitQueue, type CommitQueueOptions, type QueuedWrite } from "./commit_queue.ts";
