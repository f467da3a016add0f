/** Calls others of its kind in every way a call can go. */
import { Http, http, local, process, type u32 } from "@denizen/macro";
import { type Context, DenizenError, Refusal, unwrap } from "@denizen/runtime";
import { localRpc } from "./generated/peer.ts";
import { stage } from "./stage.ts";

@process({ name: "Peer", keyed: true, endpoints: [Http("/api")] })
export class Peer {
  kept: string[] = [];
  count: u32 = 0;

  /** Keeps the list it was given, not a copy, and returns it. */
  @local
  keep(list: string[]): string[] {
    return this.kept = list;
  }

  @local
  show(): string[] {
    return this.kept;
  }

  /** Lends a list to another peer, then writes into its own and into what came back. */
  @local
  async lend(target: string, ctx: Context): Promise<string[]> {
    const mine = ["lent"];
    const returned = unwrap(await localRpc(ctx, target).keep(mine));
    mine.push("by the lender");
    returned.push("by the lender");
    return unwrap(await localRpc(ctx, target).show());
  }

  /** Fills its state with that many characters. */
  @local
  fill(characters: u32): void {
    this.kept = ["x".repeat(characters)];
  }

  /** Calls the peer whose key is one less, until 0; returns the depth of the call chain. */
  @local
  async descend(ctx: Context): Promise<u32> {
    if (ctx.key === "0") return 0;
    return 1 + unwrap(await localRpc(ctx, String(Number(ctx.key) - 1)).descend());
  }

  /** Milliseconds until the sender gives up. */
  @local
  remaining(ctx: Context): u32 {
    return ctx.deadline - ctx.now();
  }

  @local
  async remainingOf(target: string, timeoutMs: u32, ctx: Context): Promise<u32> {
    return unwrap(await localRpc(ctx, target).remaining(timeoutMs === 0 ? undefined : { timeoutMs }));
  }

  /**
   * Waits for a gate, counts, and writes into the journal the state of its signal and the outcome of a call
   * it makes then.
   */
  @local
  async outlast(gate: string, target: string, ctx: Context): Promise<u32> {
    ctx.signal.addEventListener("abort", () => stage.journal.push(`aborted: ${ctx.signal.reason.code}`));
    await stage.gate(gate);
    const answer = await localRpc(ctx, target).increment();
    stage.journal.push(answer.status);
    return ++this.count;
  }

  @local
  increment(): u32 {
    return ++this.count;
  }

  @local
  refuse(): void {
    throw new Refusal("not today", { status: 409, data: { kept: this.kept } });
  }

  /** Throws an error that holds its own instance. */
  @local
  throwSelf(): void {
    throw Object.assign(new Error("look at me"), { me: this });
  }

  @local
  refuseSelf(): void {
    throw new Refusal("look at me", { cause: { me: this } });
  }

  /**
   * Looks for another process's instance in the errors that it answers with, and writes into what it finds.
   */
  @local
  async reach(target: string, ctx: Context): Promise<u32> {
    const found = new Set<object>();
    const look = (value: unknown): void => {
      if (typeof value !== "object" || value === null || found.has(value)) return;
      found.add(value);
      for (const name of Reflect.ownKeys(value)) look((value as Record<PropertyKey, unknown>)[name]);
    };
    const peer = localRpc(ctx, target);
    for (const answer of [await peer.throwSelf(), await peer.refuseSelf()]) look(answer);
    const instances = [...found].filter((value) => value instanceof Peer);
    for (const instance of instances) instance.count = 999;
    return instances.length;
  }

  /** Holds a list of its state over a call that comes back and is refused, then writes into it. */
  @local
  async writeAfterRefusal(target: string, ctx: Context): Promise<string[]> {
    const { kept } = this;
    kept.push("before");
    const seen: string[] = [];
    for (const text of kept) {
      seen.push(text);
      await localRpc(ctx, target).askBack(ctx.key);
    }
    kept.push(...seen);
    return this.kept;
  }

  @local
  async askBack(target: string, ctx: Context): Promise<string> {
    const answer = await localRpc(ctx, target).changeAndRefuse();
    return answer.status;
  }

  @local
  changeAndRefuse(): void {
    this.kept.push("undone");
    this.kept = ["undone"];
    throw new Refusal("not today");
  }

  /** Throws values that are not errors. */
  @local
  throwOdd(kind: string): void {
    this.count++;
    throw ODD[kind]!();
  }

  @local
  async throwOddLater(kind: string): Promise<void> {
    this.count++;
    await Promise.resolve();
    throw ODD[kind]!();
  }

  /** Returns objects that look like promises. */
  @local
  odd(kind: string): Promise<u32> {
    return THENABLES[kind]!() as unknown as Promise<u32>;
  }

  @http
  overHttp(): u32 {
    return this.count;
  }

  /** Returns the sender and its own address. */
  @local
  whereabouts(ctx: Context): string[] {
    return [ctx.self, ctx.key, ctx.source, ctx.node, ctx.trace];
  }

  @local
  async whereaboutsOf(target: string, ctx: Context): Promise<string[][]> {
    const other = unwrap(await localRpc(ctx, target).whereabouts());
    return [this.whereabouts(ctx), other];
  }
}

const ODD: Record<string, () => unknown> = {
  string: () => "text",
  undefined: () => undefined,
  null: () => null,
  symbol: () => Symbol("odd"),
  object: () => Object.create(null),
  unprintable: () => ({
    toString() {
      throw new Error("no text");
    },
  }),
  "an error that cannot be read": () =>
    Object.defineProperty(new Error(), "message", {
      get() {
        throw new Error("no message");
      },
    }),
  circular: () => {
    const error: Error & { self?: unknown } = new Error("circular");
    return error.self = error;
  },
  function: () => () => {},
  "a proxy that cannot be looked at": () =>
    new Proxy({}, {
      getPrototypeOf() {
        throw new Error("no look");
      },
      get() {
        throw new Error("no look");
      },
    }),
  "an error of ours that cannot be read": () =>
    Object.defineProperty(new DenizenError("failed", "Cannot be read"), "code", {
      get() {
        throw new Error("no look");
      },
    }),
  "a proxy around an error": () =>
    new Proxy(new Error("inner"), {
      getPrototypeOf() {
        throw new Error("no look");
      },
    }),
};

const THENABLES: Record<string, () => unknown> = {
  "calls back at once": () => ({ then: (done: (value: number) => void) => done(7) }),
  "calls back twice": () => ({
    then: (done: (value: number) => void, fail: (error: Error) => void) => {
      done(7);
      done(8);
      fail(new Error("and fails"));
    },
  }),
  "throws": () => ({
    then() {
      throw new Error("no then");
    },
  }),
  "is a promise with a `then` of its own": () =>
    Object.assign(Promise.resolve(7), {
      then(done: (value: number) => void) {
        done(8);
        done(9);
        throw new Error("no then");
      },
    }),
  "is a promise by its prototype only": () => Object.create(Promise.prototype),
  "hides what it is": () =>
    new Proxy({ then: () => {} }, {
      getPrototypeOf() {
        throw new Error("no look");
      },
    }),
  "cannot be looked at": () => ({
    get then() {
      throw new Error("no look");
    },
  }),
};
