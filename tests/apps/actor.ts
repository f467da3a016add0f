/** A process that does what its message says, step by step: any graph of calls is one literal in a test. */
import { Http, http, type i32, local, process, Save } from "@denizen/macro";
import { type Context, Refusal, type SendResult, unwrap } from "@denizen/runtime";
import { contract } from "./generated/actor.ts";
import { stage } from "./stage.ts";

export type Step =
  | { do: "add"; by: i32 }
  /** Awaits nothing in particular. */
  | { do: "yield" }
  /** Waits until the test opens the gate. */
  | { do: "gate"; name: string }
  /** Writes a line with its key and its total into the stage's journal. */
  | { do: "mark"; text: string }
  /** Calls another one, and throws the error if it gets one. */
  | { do: "call"; target: string; steps: Step[]; timeoutMs?: i32 }
  /** The same, but continues after an error; the journal gets `Success` or the error's code. */
  | { do: "try"; target: string; steps: Step[]; timeoutMs?: i32 }
  /**
   * Lets another one add an amount and do the steps; takes the amount from its own total if all of that went
   * well.
   */
  | { do: "pay"; target: string; amount: i32; steps: Step[] }
  /** Calls another one and does not wait. */
  | { do: "cast"; target: string; steps: Step[] }
  /** Starts all of them at once, and waits for the last. */
  | { do: "all"; branches: Step[][] }
  /** Calls the handler without an await, and writes the outcome into the journal, as `try` does. */
  | { do: "tryAdd"; target: string; by: i32 }
  /** Starts the steps without waiting, and writes `text` or the error's code when they are done. */
  | { do: "leave"; text: string; steps: Step[] }
  | { do: "save" }
  | { do: "throw"; message: string }
  | { do: "refuse"; message: string };

@process({ name: "Actor", keyed: true, endpoints: [Http("/api")], passivateAfter: 60 })
export class Actor {
  total: i32 = 0;

  /** Does the steps and returns the total. */
  @http
  @local
  async perform(steps: Step[], ctx: Context): Promise<i32> {
    const leave = stage.enter(ctx.self, ctx.trace);
    try {
      await this.doAll(steps, ctx);
      return this.total;
    } finally {
      leave();
    }
  }

  /** The same, without saving its state. */
  @http({ save: Save.never })
  @local
  async performVolatile(steps: Step[], ctx: Context): Promise<i32> {
    return await this.perform(steps, ctx);
  }

  /** Adds without an await, and throws afterwards if the total is negative. */
  @http
  @local
  add(by: i32): i32 {
    this.total += by;
    if (this.total < 0) throw new Error(`the total is ${this.total}`);
    return this.total;
  }

  @http
  @local
  read(): i32 {
    return this.total;
  }

  private async doAll(steps: Step[], ctx: Context): Promise<void> {
    for (const step of steps) await this.do(step, ctx);
  }

  private async do(step: Step, ctx: Context): Promise<void> {
    switch (step.do) {
      case "add":
        return void (this.total += step.by);
      case "yield":
        return await Promise.resolve();
      case "gate":
        return await stage.gate(step.name);
      case "mark":
        return void stage.journal.push(`${ctx.key} ${step.text} ${this.total}`);
      case "save":
        return await ctx.save();
      case "throw":
        throw new Error(step.message);
      case "refuse":
        throw new Refusal(step.message);
      case "cast":
        return void this.send(step.target, step.steps, ctx);
      case "all":
        return void await Promise.all(step.branches.map((branch) => this.doAll(branch, ctx)));
      case "call":
        return void unwrap(await this.send(step.target, step.steps, ctx, step.timeoutMs));
      case "pay": {
        const { target, amount, steps } = step;
        const answer = await this.send(target, [{ do: "add", by: amount }, ...steps], ctx);
        if (answer.status === "Success") this.total -= amount;
        else this.note(answer, ctx);
        return;
      }
      case "try":
        return this.note(await this.send(step.target, step.steps, ctx, step.timeoutMs), ctx);
      case "tryAdd":
        return this.note(await ctx.call(idOf(step.target), contract.handlers.Add!, [step.by]), ctx);
      case "leave":
        return void this.doAll(step.steps, ctx).then(
          () => stage.journal.push(`${ctx.key} ${step.text}`),
          (error) => stage.journal.push(`${ctx.key} ${error.code}`),
        );
    }
  }

  private note(answer: SendResult<number>, ctx: Context): void {
    stage.journal.push(`${ctx.key} ${answer.status === "Success" ? answer.status : answer.error.code}`);
  }

  private send(key: string, steps: Step[], ctx: Context, timeoutMs?: number) {
    return stage.turn(
      ctx.self,
      () => ctx.call<number>(idOf(key), contract.handlers.Perform!, [steps], { timeoutMs }),
    );
  }
}

/** The id of the actor with that key. */
export function idOf(key: string): string {
  return `actor.${key}:tests:denizen.os`;
}
