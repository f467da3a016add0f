/** A chain: each link saves its own count and calls the link whose key is one less, until key 1. */
import { Http, http, local, process, Save, type u32 } from "@denizen/macro";
import type { Context } from "@denizen/runtime";
import * as link from "./generated/link.ts";

@process({ name: "Link", endpoints: [Http("/api")], save: Save.everyMessage, keyed: true })
export class Link {
  count: u32 = 0;

  @http @local
  async advance(by: u32, position: u32, ctx: Context): Promise<u32> {
    this.count += by;
    if (position === 1) return this.count;
    const answer = await link.localRpc(ctx, String(position - 1)).advance(by, position - 1);
    if (answer.status !== "Success") {
      throw new Error(`Cannot advance as link ${position - 1} failed: ${answer.status}`);
    }
    return answer.value;
  }
}
