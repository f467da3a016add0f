/** How a node becomes the owner of a store. */

import { DenizenError } from "../errors.ts";
import { FENCE_LEASE_MS, FENCE_TAKE_OVER_MS } from "../limits.ts";
import type { Log } from "../log.ts";
import type { Entry, Storage } from "../storage/storage.ts";
import type { Clock } from "../world/clock.ts";
import { decodeFence, encodeFence, FENCE_KEY, type FenceRecord } from "./fence_record.ts";

export interface FenceOptions {
  readonly clock: Clock;
  readonly log: Log;
  /** The node's name, for the operator of another node that is refused. */
  readonly node: string;
  /** Take the store from an owner whose lease has not ended. Default: false. */
  readonly takeOver?: boolean;
}

export interface Claim {
  readonly record: FenceRecord;
  readonly version: string;
  /** Monotonic time just before the claim was sent. */
  readonly sent: number;
}

/** @throws {DenizenError} `data_locked`, `data_corrupt`, or what the storage throws. */
export async function claim(storage: Storage, options: FenceOptions): Promise<Claim> {
  const { clock, node, takeOver = false } = options;
  const owner = clock.uuid();
  for (;;) {
    const entry = await storage.get(FENCE_KEY);
    const former = entry && decodeFence(entry, storage.name);
    const isFree = former === undefined || former.released || !storage.shared || takeOver;
    if (!isFree && !await isSilent(storage, entry!, former, options)) continue;
    const record: FenceRecord = {
      epoch: (former?.epoch ?? 0) + 1,
      owner,
      node,
      step: 0,
      released: false,
      at: clock.now(),
    };
    const sent = clock.monotonic();
    const version = await write(storage, record, entry?.version ?? null);
    if (version === undefined) continue;
    if (former !== undefined && !former.released && storage.shared) {
      options.log.warn("ownership taken over", {
        storage: storage.name,
        from: former.node,
        epoch: record.epoch,
      });
    }
    return { record, version, sent };
  }
}

/**
 * Waits until the record has been unchanged for `FENCE_TAKE_OVER_MS`. Returns false if its owner has given
 * the store back meanwhile.
 *
 * @throws {DenizenError} `data_locked` if it changes, as its owner still runs.
 */
async function isSilent(
  storage: Storage,
  { version }: Entry,
  owner: FenceRecord,
  { clock, log }: FenceOptions,
): Promise<boolean> {
  log.info("waiting for the end of a lease", { storage: storage.name, node: owner.node });
  const over = Promise.withResolvers<undefined>();
  const cancel = clock.after(FENCE_TAKE_OVER_MS, () => over.resolve(undefined));
  const changes = storage.watch(FENCE_KEY)[Symbol.asyncIterator]();
  try {
    for (;;) {
      const change = await Promise.race([changes.next(), over.promise]);
      if (change === undefined) return true;
      const entry: Entry | undefined = change.value;
      if (entry?.version === version) continue;
      const present = entry && decodeFence(entry, storage.name);
      if (present === undefined || present.released) return false;
      throw locked(storage, present, clock);
    }
  } finally {
    cancel();
    await changes.return?.();
  }
}

/** Returns the version of the record that was written, or `undefined` if another node was faster. */
async function write(
  storage: Storage,
  record: FenceRecord,
  version: string | null,
): Promise<string | undefined> {
  let failure: unknown;
  try {
    const outcome = await storage.commit([{ key: FENCE_KEY, value: encodeFence(record) }], [{
      key: FENCE_KEY,
      version,
    }]);
    if (outcome.ok && outcome.version !== undefined) return outcome.version;
  } catch (thrown) {
    failure = thrown;
  }
  // Over a network a commit may have been made though it failed, or conflicts with itself when it is sent
  // again.
  const entry = await storage.get(FENCE_KEY);
  const found = entry && decodeFence(entry, storage.name);
  if (found?.owner === record.owner && found.epoch === record.epoch) return entry!.version;
  if (failure !== undefined) throw failure;
  return undefined;
}

function locked(storage: Storage, { node, epoch }: FenceRecord, clock: Clock): DenizenError {
  const leaseEnds = new Date(clock.now() + FENCE_LEASE_MS).toISOString();
  return new DenizenError(
    "data_locked",
    `Cannot open ${storage.name} as node "${node}" owns it: its lease ends at ${leaseEnds} unless it is renewed`,
    { data: { node, epoch, leaseEnds } },
  );
}
