/** A process whose start a test controls. */
import { init, local, process, type u32 } from "@denizen/macro";
import type { Context } from "@denizen/runtime";
import { stage } from "./stage.ts";

/** What every start does; tests replace it. */
export const onStart: { run: (self: Starter, ctx: Context) => void | Promise<void> } = { run: () => {} };

@process({ name: "Starter", keyed: true, passivateAfter: 60 })
export class Starter {
  count: u32 = 0;
  started: u32 = 0;

  @init
  async start(ctx: Context): Promise<void> {
    await onStart.run(this, ctx);
  }

  @local
  add(by: u32): u32 {
    return this.count += by;
  }

  @local
  async addLater(by: u32, gate: string): Promise<u32> {
    await stage.gate(gate);
    return this.count += by;
  }

  @local
  read(): u32[] {
    return [this.count, this.started];
  }
}
