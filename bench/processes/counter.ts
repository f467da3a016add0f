/**
 * The counters that every other file measures: one kept in memory only, one saved with every message, one
 * per key.
 */
import { Http, http, local, process, Save, type u32 } from "@denizen/macro";

@process({ name: "Volatile", endpoints: [Http("/api")], save: Save.never })
export class Volatile {
  count: u32 = 0;

  @http @local
  increment(by: u32): u32 {
    return this.count += by;
  }
}

@process({ name: "Durable", endpoints: [Http("/api")], save: Save.everyMessage })
export class Durable {
  count: u32 = 0;

  @http @local
  increment(by: u32): u32 {
    return this.count += by;
  }
}

@process({ name: "Room", endpoints: [Http("/api")], save: Save.everyMessage, keyed: true })
export class Room {
  count: u32 = 0;

  @http @local
  increment(by: u32): u32 {
    return this.count += by;
  }
}

@process({ name: "Cell", endpoints: [Http("/api")], save: Save.never, keyed: true })
export class Cell {
  count: u32 = 0;

  @http @local
  increment(by: u32): u32 {
    return this.count += by;
  }
}
