/** A counter that survives a crash: every count is on disk before it is answered. */
import { Http, http, local, process, Save, type u32 } from "@denizen/macro";

@process({ name: "Counter", endpoints: [Http("/api")] })
export class Counter {
  count: u32 = 0;

  /** Called over HTTP with `{"Increment":5}`, and by other processes with `generated/counter.ts`. */
  @http @local
  increment(by: u32): u32 {
    return this.count += by;
  }

  /** Has its own path, and changes nothing, so the state is not saved. */
  @http({ method: "GET", path: "/status", save: Save.never })
  status(): { count: u32 } {
    return { count: this.count };
  }
}
