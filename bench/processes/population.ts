/** Activates many keyed processes from inside the node, so that no HTTP buffer is counted as theirs. */
import { Http, http, process, Save, type u32 } from "@denizen/macro";
import type { Context } from "@denizen/runtime";
import * as cell from "./generated/cell.ts";
import * as room from "./generated/room.ts";

/** Calls in flight while rooms are created: their commits share transactions. */
const CONCURRENT = 256;

@process({ name: "Population", endpoints: [Http("/api")], save: Save.never })
export class Population {
  @http
  async cells(first: u32, count: u32, ctx: Context): Promise<void> {
    await populate(first, count, async (key) => (await cell.localRpc(ctx, key).increment(1)).status);
  }

  @http
  async rooms(first: u32, count: u32, ctx: Context): Promise<void> {
    await populate(first, count, async (key) => (await room.localRpc(ctx, key).increment(1)).status);
  }
}

async function populate(
  first: number,
  count: number,
  touch: (key: string) => Promise<string>,
): Promise<void> {
  for (let next = first; next < first + count; next += CONCURRENT) {
    const size = Math.min(CONCURRENT, first + count - next);
    const statuses = await Promise.all(
      Array.from({ length: size }, (_, offset) => touch(`k${next + offset}`)),
    );
    const failed = statuses.find((status) => status !== "Success");
    if (failed !== undefined) throw new Error(`Cannot populate as a call failed: ${failed}`);
  }
}
