/** Calls the volatile counter in a loop: what one typed local call costs, seen from a handler. */
import { Http, http, process, Save, type u32 } from "@denizen/macro";
import type { Context } from "@denizen/runtime";
import * as volatile from "./generated/volatile.ts";

@process({ name: "Caller", endpoints: [Http("/api")], save: Save.never })
export class Caller {
  @http
  async run(calls: u32, ctx: Context): Promise<u32> {
    const counter = volatile.localRpc(ctx);
    let last = 0;
    for (let call = 0; call < calls; call++) {
      const answer = await counter.increment(1);
      if (answer.status !== "Success") throw new Error(`Cannot go on as a call failed: ${answer.status}`);
      last = answer.value;
    }
    return last;
  }
}
