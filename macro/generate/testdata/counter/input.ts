import { Http, http, local, process, Save, type u32 } from "@denizen/macro";

/** Counts. */
@process({ name: "Counter", endpoints: [Http("/api")], save: Save.everyMessage })
export class Counter {
  count: u32 = 0;

  /** Adds `by`, and returns the sum. */
  @http @local increment(by: u32): u32 {
    return this.count += by;
  }

  @http({ method: "GET", path: "/status" }) status(): { count: u32 } {
    return { count: this.count };
  }
}
