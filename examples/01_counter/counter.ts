/** A counter that survives `kill -9`: what it answered is on disk. */
import { Http, http, local, process, type u32 } from "@denizen/macro";

@process({ name: "Counter", endpoints: [Http("/api")] })
export class Counter {
  count: u32 = 0;

  @http @local
  increment(by: u32): u32 {
    return this.count += by;
  }

  @http({ method: "GET", path: "/status" })
  status(): { count: u32 } {
    return { count: this.count };
  }
}
