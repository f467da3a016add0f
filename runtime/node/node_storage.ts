/**
 * The store of one node: a folder, memory, or one that was handed in; and what the last run left for this
 * one.
 */
import type { Clock } from "../world/clock.ts";
import { createLog, type LogSink } from "../log.ts";
import { DataFolder } from "../storage/data_folder/data_folder.ts";
import { memoryStorage } from "../storage/memory.ts";
import type { Storage } from "../storage/storage.ts";

export interface NodeStorage {
  readonly storage: Storage;
  /** States of `Save.never` processes that a reload handed over, by the id of their process. */
  readonly handover: Map<string, Uint8Array>;
  /** Whoever knows it may use the node's API. */
  readonly token: string;
  /** Tells other programs on this machine where the node is. */
  publish(info: { readonly url: string; readonly name: string }): Promise<void>;
  close(): Promise<void>;
}

/** @throws {DenizenError} what `DataFolder.open` throws. */
export async function openNodeStorage(
  given: Storage | undefined,
  data: string,
  clock: Clock,
  sink: LogSink,
): Promise<NodeStorage> {
  const token = clock.uuid() + clock.uuid();
  const publish = () => Promise.resolve();
  if (given) {
    const handover = await takeHandover(given);
    return { storage: given, handover, token, publish, close: () => Promise.resolve() };
  }
  if (data === ":memory:") {
    const storage = memoryStorage();
    return { storage, handover: new Map(), token, publish, close: () => storage[Symbol.asyncDispose]() };
  }
  const log = createLog(sink, () => clock.now());
  await using opened = new AsyncDisposableStack();
  const directory = opened.use(await DataFolder.open(data, { log }));
  const handover = await takeHandover(directory.storage);
  opened.move();
  return {
    storage: directory.storage,
    handover,
    token,
    publish: ({ url, name }) => directory.publish({ pid: Deno.pid, url, token, name, started: clock.now() }),
    close: () => directory[Symbol.asyncDispose](),
  };
}

/** Records are written under `["handover", id]`; they count for one start only. */
async function takeHandover(storage: Storage): Promise<Map<string, Uint8Array>> {
  const handover = new Map<string, Uint8Array>();
  const taken: { key: readonly string[]; value: null }[] = [];
  for await (const { key, value } of storage.list({ prefix: ["handover"] })) {
    handover.set(key[1]!, value);
    taken.push({ key, value: null });
  }
  if (taken.length > 0) await storage.commit(taken);
  return handover;
}
