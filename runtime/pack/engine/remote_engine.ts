/**
 * A pack off the node's thread, in a worker or in a child process. It runs one call at a time; the others
 * wait here.
 *
 * I1. A call's time limit starts when the call begins, not when it is queued.
 * I2. When the engine ends, the running call fails with the reason; queued calls fail with `EngineEnded`.
 */
import { type PackDescription, PackFault, type Ports } from "@denizen/pack-sdk";
import type { Clock } from "../../world/clock.ts";
import { DenizenError } from "../../errors.ts";
import { PACK_CALLS_WAITING_MAX, PACK_LOAD_MS_MAX } from "../../limits.ts";
import { type Engine, EngineEnded, type Tick, type TimeLimit, tooLate } from "./engine.ts";
import {
  decodeReply,
  encodeMessage,
  type PackSource,
  type Reply,
  type Request,
  thrownFault,
} from "./protocol.ts";

/** Carries messages to a worker or child process and back. */
export interface Channel {
  /** Sends a request and waits for its reply. Rejects with a `DenizenError` if the other side exits. */
  exchange(request: Uint8Array<ArrayBuffer>): Promise<Uint8Array>;
  /** Ends the other side at once, even in the middle of a call. */
  kill(): Promise<void>;
}

export class RemoteEngine implements Engine {
  readonly #channel: Channel;
  readonly #clock: Clock;
  #description: PackDescription | undefined;
  #waiting = 0;
  #tail: Promise<unknown> = Promise.resolve();
  #ended = false;
  #reason: DenizenError | undefined;
  /** Rejects the running call. */
  #fail: ((reason: DenizenError) => void) | undefined;
  #memoryBytes = 0;
  #killed: Promise<void> | undefined;

  private constructor(channel: Channel, clock: Clock) {
    this.#channel = channel;
    this.#clock = clock;
  }

  static async open(channel: Channel, source: PackSource, clock: Clock): Promise<RemoteEngine> {
    const engine = new RemoteEngine(channel, clock);
    try {
      const { description } = await engine.#call({ op: "open", source }, PACK_LOAD_MS_MAX);
      if (!description) {
        throw new DenizenError("pack_invalid", "Cannot load the pack as its reply has no description");
      }
      engine.#description = description;
      return engine;
    } catch (thrown) {
      await engine.#end(undefined);
      throw thrown;
    }
  }

  get description(): PackDescription {
    return this.#description!;
  }

  get ended(): boolean {
    return this.#ended;
  }

  async create(factory: number): Promise<number> {
    const { instance } = await this.#call({ op: "create", factory }, PACK_LOAD_MS_MAX);
    if (instance !== undefined) return instance;
    throw new DenizenError("pack_reply_invalid", "Cannot create an instance as the reply has none");
  }

  async destroy(instance: number): Promise<void> {
    if (!this.#ended) await this.#call({ op: "destroy", instance }, PACK_LOAD_MS_MAX);
  }

  async tick({ instance, input, config, blocking, timeLimitMs, deadline }: Tick): Promise<Ports> {
    const request: Request = { op: "tick", instance, input, config, blocking };
    const { output } = await this.#call(request, timeLimitMs, deadline);
    return output ?? {};
  }

  memoryBytes(): number {
    return this.#memoryBytes;
  }

  async close(): Promise<void> {
    while (this.#waiting > 0 && !this.#ended) await this.#tail;
    await this.#end(undefined);
  }

  abort(): Promise<void> {
    return this.#end(new DenizenError("pack_closed", "Cannot finish the call as the pack was stopped"));
  }

  async #call(request: Request, timeLimitMs: TimeLimit, deadline = Infinity): Promise<Reply> {
    if (this.#ended) throw new EngineEnded(this.#reason);
    if (this.#waiting >= PACK_CALLS_WAITING_MAX) {
      throw new DenizenError(
        "overloaded",
        `Cannot call the pack as too many calls wait for it: ${this.#waiting} (PACK_CALLS_WAITING_MAX)`,
      );
    }
    // Encoded now, not when its turn comes, so that later changes to the caller's values do not reach the
    // call.
    const message = encodeMessage(request);
    this.#waiting++;
    const turn = this.#tail.then(() => this.#exchange(message, this.#limit(timeLimitMs, deadline)));
    this.#tail = turn.catch(() => {});
    try {
      return await turn;
    } finally {
      this.#waiting--;
    }
  }

  /** The time a call that begins now may take. */
  #limit(timeLimitMs: TimeLimit, deadline: number): TimeLimit {
    if (deadline === Infinity) return timeLimitMs;
    const left = deadline - this.#clock.monotonic();
    if (left <= 0) throw tooLate();
    return Math.min(left, timeLimitMs ?? left);
  }

  async #exchange(message: Uint8Array<ArrayBuffer>, timeLimitMs: TimeLimit): Promise<Reply> {
    if (this.#ended) throw new EngineEnded(this.#reason);
    const stopped = Promise.withResolvers<never>();
    this.#fail = stopped.reject;
    const cancel = timeLimitMs === undefined ? undefined : this.#clock.after(timeLimitMs, () => {
      const text = `Cannot finish the call as it took longer than its limit: ${timeLimitMs} ms`;
      void this.#end(new DenizenError("pack_timeout", text, { data: { timeLimitMs } }));
    });
    try {
      const bytes = await Promise.race([this.#channel.exchange(message), stopped.promise]);
      const reply = readReply(bytes);
      this.#memoryBytes = reply.memoryBytes;
      if (reply.fault) throw thrownFault(reply.fault);
      return reply;
    } catch (thrown) {
      // The pack survives any fault but these two; every other error ends the engine.
      const code = (thrown as { readonly code?: unknown }).code;
      const ends = thrown instanceof DenizenError || code === "trap" || code === "closed";
      if (ends) await this.#end(thrown instanceof DenizenError ? thrown : undefined);
      throw thrown;
    } finally {
      cancel?.();
      this.#fail = undefined;
    }
  }

  #end(reason: DenizenError | undefined): Promise<void> {
    if (!this.#ended) {
      this.#ended = true;
      this.#reason = reason;
      this.#killed = this.#channel.kill();
      if (reason) this.#fail?.(reason);
    }
    return this.#killed!;
  }
}

function readReply(bytes: Uint8Array): Reply {
  try {
    return decodeReply(bytes);
  } catch (cause) {
    // After a malformed reply the channel is out of step: later replies cannot be matched to their requests.
    const text = cause instanceof PackFault ? cause.message : "Cannot read the reply as it is malformed";
    throw new DenizenError("pack_reply_invalid", text, { cause });
  }
}
