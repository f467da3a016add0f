import { Actor, pack, Tick } from "@denizen/pack-sdk/assemblyscript/pack";

/** Adds the value of "step", or 1, and returns the sum. */
class Counter extends Actor {
  count: i64 = 0;

  run(tick: Tick): void {
    this.count += tick.input("step").integer(1);
    tick.put("count", this.count);
  }
}

pack("hello", "0.1.0")
  .template("hello.counter", () => new Counter(), "step?: number", "count: number", "Counts");
