/** A counter that survives a kill: what it answered is on disk. */
import { Http, http, local, process, Save, type u32 } from "@denizen/macro";

@process({ name: "Counter", endpoints: [Http("/api")] })
export class Counter {
  count: u32 = 0;

  /** Over HTTP it is called by its name: `{"Increment":5}`. Other processes call it through `generated/counter.ts`. */
  @http @local
  increment(by: u32): u32 {
    return this.count += by;
  }

  /** Has a path of its own, and changes nothing that would have to be saved. */
  @http({ method: "GET", path: "/status", save: Save.never })
  status(): { count: u32 } {
    return { count: this.count };
  }
}
