/** A process that works through packs. */
import { Http, http, local, process, type u32 } from "@denizen/macro";
import type { Context } from "@denizen/runtime";

@process({ name: "Doubling", endpoints: [Http("/api")] })
export class Doubling {
  calls: u32 = 0;

  @http
  @local
  async double(value: u32, ctx: Context): Promise<u32> {
    const doubler = await ctx.packs.actor<Doubler>("fixture.doubler");
    this.calls++;
    return (await doubler.run({ input: value })).output;
  }

  @http
  async count(ctx: Context): Promise<u32> {
    const counter = await ctx.packs.actor("fixture.counter");
    return (await counter.run({})).count as number;
  }

  @http
  async trap(ctx: Context): Promise<null> {
    this.calls++;
    await (await ctx.packs.actor("fixture.trap")).run({});
    return null;
  }

  @http
  @local
  async loop(ctx: Context): Promise<null> {
    await (await ctx.packs.actor("fixture.loop")).run({});
    return null;
  }

  @http
  made(): u32 {
    return this.calls;
  }
}

interface Doubler {
  in: { input: number };
  out: { output: number };
  config: object;
}
