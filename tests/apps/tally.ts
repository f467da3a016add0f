/** Counts numbered messages, each once: a client that got no answer sends the same number again. */
import { Http, http, local, process, Save, type u32 } from "@denizen/macro";

@process({ name: "Tally", keyed: true, endpoints: [Http("/api")] })
export class Tally {
  count: u32 = 0;
  numbers: u32[] = [];

  @http @local
  increment(number: u32): u32 {
    if (!this.numbers.includes(number)) {
      this.numbers.push(number);
      this.count++;
    }
    return this.count;
  }

  @http({ save: Save.never })
  read(): { count: u32; numbers: u32[] } {
    return { count: this.count, numbers: this.numbers };
  }
}
