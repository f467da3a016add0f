/**
 * The store of one node: a folder, a KV server, memory, or one that was passed in. The node owns it before it
 * reads anything.
 */
import { Fence } from "../commit/fence.ts";
import { DenizenError } from "../errors.ts";
import { createLog, type Log, type LogSink } from "../log.ts";
import { DataFolder, type OpenDatabase } from "../storage/data_folder/data_folder.ts";
import { openDenoKv } from "../storage/kv/deno_kv.ts";
import { isKvServer } from "../storage/kv/sqlite_file.ts";
import { memoryStorage } from "../storage/memory.ts";
import { VOLATILE_IN_USE_KEY, VOLATILE_PREFIX } from "../process/stored_state.ts";
import type { Storage, StorageKey } from "../storage/storage.ts";
import type { Clock } from "../world/clock.ts";
import { denoDisk } from "../world/deno_disk.ts";
import type { Disk } from "../world/disk.ts";

export interface NodeStorage {
  readonly storage: Storage;
  readonly fence: Fence;
  /**
   * Ids of the `Save.never` processes whose state the reload before this start kept. Each is taken by one
   * start that succeeds.
   */
  readonly volatileStates: Set<string>;
  /** Gives access to the node's API. */
  readonly token: string;
  /** Publishes where the node is to other programs on this machine. */
  publish(info: { readonly url: string; readonly name: string }): Promise<void>;
  /** Gives the store back, for the next node, and closes it. */
  close(): Promise<void>;
  /** Closes the store and writes nothing, as a crash would. */
  abandon(): Promise<void>;
}

interface NodeStorageOptions {
  /** A store in the place of `data`, which is not closed; or what opens the database of the folder `data`. */
  readonly given?: Storage | OpenDatabase;
  /** A folder, the URL of a KV server, or `:memory:`. */
  readonly data: string;
  /** The node's name. */
  readonly name: string;
  readonly clock: Clock;
  readonly disk: Disk;
  readonly sink: LogSink;
  /** Take a shared store from a node that still owns it. Default: false. */
  readonly takeOver?: boolean;
}

type Opened = Pick<NodeStorage, "storage" | "publish"> & AsyncDisposable;

/** Whether `data` names a folder of this machine. */
export function isFolder(data: string): boolean {
  return data !== ":memory:" && !isKvServer(data);
}

/** @throws {DenizenError} what `DataFolder.open`, `openDenoKv` and `Fence.claim` throw. */
export async function openNodeStorage(options: NodeStorageOptions): Promise<NodeStorage> {
  const { clock, sink, name, takeOver } = options;
  const log = createLog(sink, () => clock.now());
  const token = clock.uuid() + clock.uuid();
  const opened = await open(options, token, log);
  let fence: Fence | undefined;
  try {
    const { storage, publish } = opened;
    const owner = fence = await Fence.claim(storage, { clock, log, node: name, takeOver });
    const volatileStates = await findVolatileStates(storage, owner);
    return {
      ...{ storage, fence: owner, volatileStates, token, publish },
      async close() {
        await owner.release();
        await opened[Symbol.asyncDispose]();
      },
      async abandon() {
        owner.abandon();
        await opened[Symbol.asyncDispose]();
      },
    };
  } catch (error) {
    await fence?.release();
    await opened[Symbol.asyncDispose]();
    throw error;
  }
}

async function open(options: NodeStorageOptions, token: string, log: Log): Promise<Opened> {
  const { given, data, clock, disk } = options;
  const publish = () => Promise.resolve();
  if (given && typeof given !== "function") {
    return {
      storage: given,
      publish,
      [Symbol.asyncDispose]: () => Promise.resolve(),
    };
  }
  if (isFolder(data)) {
    const folder = await DataFolder.open(data, { log, disk, openDatabase: databaseOf(options) });
    return {
      storage: folder.storage,
      publish: ({ url, name }) => folder.publish({ pid: Deno.pid, url, token, name, started: clock.now() }),
      [Symbol.asyncDispose]: () => folder[Symbol.asyncDispose](),
    };
  }
  const storage = data === ":memory:" ? memoryStorage() : await openDenoKv(data, { log });
  return { storage, publish, [Symbol.asyncDispose]: () => storage[Symbol.asyncDispose]() };
}

/**
 * @returns `undefined` for Deno KV, whose files are the machine's.
 * @throws {DenizenError} `bad_option` if the disk is another one.
 */
function databaseOf({ given, data, disk }: NodeStorageOptions): OpenDatabase | undefined {
  if (typeof given === "function") return given;
  if (disk === denoDisk) return undefined;
  throw new DenizenError(
    "bad_option",
    `Cannot keep data on a disk of your own as Deno KV writes to the machine's: give "storage" a function for ${data}`,
  );
}

/**
 * The states that a reload kept, for the start after it. They are marked as in use until the next reload: if
 * a run is killed or drained without one, they are out of date and the start after it removes them.
 */
async function findVolatileStates(storage: Storage, fence: Fence): Promise<Set<string>> {
  const keys: StorageKey[] = [];
  for await (const { key } of storage.list({ prefix: VOLATILE_PREFIX })) keys.push(key);
  if (keys.length === 0) return new Set();
  if (await storage.get(VOLATILE_IN_USE_KEY) === undefined) {
    await fence.commit([{ key: VOLATILE_IN_USE_KEY, value: new Uint8Array() }]);
    return new Set(keys.map((key) => key.at(-1)!));
  }
  await fence.commit([...keys, VOLATILE_IN_USE_KEY].map((key) => ({ key, value: null })));
  return new Set();
}
