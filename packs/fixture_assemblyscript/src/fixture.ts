/** The templates that every carrier of the fixture has, in AssemblyScript. */
import { Actor, Kind, pack, Tick } from "@denizen/pack-sdk/assemblyscript/pack";

class Echo extends Actor {
  run(tick: Tick): void {
    tick.put("output", tick.input("input"));
  }
}

class Doubler extends Actor {
  run(tick: Tick): void {
    const input = tick.input("input");
    if (input.kind != Kind.Number) return tick.fail("Cannot double as the input is not a number");
    tick.put("output", 2 * input.number());
  }
}

class Counter extends Actor {
  count: i64 = 0;

  run(tick: Tick): void {
    this.count += tick.input("step").integer(tick.config("step").integer(1));
    tick.put("count", this.count);
  }
}

class Fail extends Actor {
  run(tick: Tick): void {
    tick.fail(tick.input("reason").text('Failed as "asked":\n\\ and on two lines'));
  }
}

class Trap extends Actor {
  run(_tick: Tick): void {
    throw new Error("trap");
  }
}

class Reverse extends Actor {
  run(tick: Tick): void {
    const input = tick.input("input").bytes();
    if (input === null) return tick.fail("Cannot reverse as the input is not bytes");
    const output = tick.bytes("output", input.length);
    for (let i = 0; i < output.length; i++) output[i] = input[input.length - 1 - i];
  }
}

pack("fixture", "1.0.0")
  .template("fixture.echo", () => new Echo(), "input: unknown", "output: unknown", "Answers with its input")
  .template("fixture.doubler", () => new Doubler(), "input: number", "output: number", "Doubles a number")
  .template("fixture.counter", () => new Counter(), "step?: number", "count: number", "Counts, each for itself", "step?: number")
  .template("fixture.fail", () => new Fail(), "reason?: string", "", "Fails with the reason it is given")
  .template("fixture.trap", () => new Trap(), "", "", "Ends the module")
  .template("fixture.reverse", () => new Reverse(), "input: bytes", "output: bytes", "Reverses bytes");
