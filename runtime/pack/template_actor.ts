/** One actor: an instance of a template, made anew where its engine ended. */
import type { Ports, TemplateDescription } from "@denizen/pack-sdk";
import { DenizenError } from "../errors.ts";
import { PACK_CALLS_WAITING_MAX } from "../limits.ts";
import { type Clock, monotonicTimeOf } from "../world/clock.ts";
import type { PackActor, PortValues, RunOptions } from "../process/packs.ts";
import { type Engine, EngineEnded, type Tick, type TimeLimit, tooLate } from "./engine/engine.ts";
import type { EngineKeeper } from "./engine/engine_keeper.ts";
import { endsInstance, packError } from "./engine/fault.ts";

/** Calls that never began because the engine ended before them are made again, but not forever. */
const BEGINNINGS = 10;

/** How long one call may take. */
interface CallLimits {
  readonly timeoutMs: number | undefined;
  /** When its caller stops waiting, in monotonic time. */
  readonly deadline: number;
}

/** What actors of one template have in common. */
export interface TemplateHost {
  readonly pack: string;
  readonly template: TemplateDescription;
  /** Its number in the pack. */
  readonly factory: number;
  readonly keeper: EngineKeeper;
  readonly timeLimitMs: TimeLimit;
  readonly clock: Clock;
  /** Called once, when an actor has ended. */
  released(): void;
}

/** The part of an actor that outlives it until its instance is destroyed. */
class InstanceSlot {
  engine: Engine | undefined;
  instance = 0;
  #ended = false;

  constructor(readonly host: TemplateHost) {}

  async fill(engine: Engine): Promise<void> {
    if (this.engine === engine) return;
    this.instance = await engine.create(this.host.factory);
    this.engine = engine;
  }

  async empty(): Promise<void> {
    const { engine, instance } = this;
    this.engine = undefined;
    if (engine && !engine.ended) await Promise.resolve(engine.destroy(instance)).catch(() => {});
  }

  async end(): Promise<void> {
    if (this.#ended) return;
    this.#ended = true;
    try {
      await this.empty();
    } finally {
      this.host.released();
    }
  }
}

/** Ends the instances of actors that nobody holds any more. */
const forgotten = new FinalizationRegistry<InstanceSlot>((slot) => void slot.end().catch(() => {}));

export class TemplateActor implements PackActor {
  readonly #slot: InstanceSlot;
  readonly #config: string;
  readonly #inports: ReadonlySet<string>;
  /** The last call, while any is running or waiting. */
  #last: Promise<unknown> | undefined;
  #waiting = 0;
  #closed = false;

  constructor(host: TemplateHost, inports: ReadonlySet<string>, config: string) {
    this.#slot = new InstanceSlot(host);
    this.#inports = inports;
    this.#config = config;
    forgotten.register(this, this.#slot, this);
  }

  get template(): string {
    return this.#slot.host.template.name;
  }

  get ended(): boolean {
    return this.#closed;
  }

  /** Makes the instance, so that a template that refuses is known at once. */
  async begin(): Promise<this> {
    try {
      await this.#onEngine(() => undefined);
      return this;
    } catch (thrown) {
      await this[Symbol.asyncDispose]();
      throw thrown;
    }
  }

  async run(input: PortValues, { timeoutMs, deadline = Infinity }: RunOptions = {}): Promise<PortValues> {
    this.#check(input);
    const options = { timeoutMs, deadline: monotonicTimeOf(this.#slot.host.clock, deadline) };
    if (this.#waiting > 0) return await this.#queued(this.#last!.then(() => this.#tick(input, options)));
    let answer: PortValues | undefined;
    try {
      answer = this.#tickAtOnce(input, options);
    } catch (thrown) {
      throw await this.#failure(thrown);
    }
    return answer ?? await this.#queued(this.#tick(input, options));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    forgotten.unregister(this);
    while (this.#waiting > 0) await this.#last;
    await this.#slot.end();
  }

  async #queued(call: Promise<PortValues>): Promise<PortValues> {
    this.#waiting++;
    this.#last = call.catch(() => {});
    try {
      return await call;
    } finally {
      this.#waiting--;
    }
  }

  #check(input: PortValues): void {
    const { pack } = this.#slot.host;
    if (this.#closed) {
      throw new DenizenError("pack_closed", `Cannot run ${this.template} as the actor has ended`);
    }
    if (this.#waiting >= PACK_CALLS_WAITING_MAX) {
      throw new DenizenError(
        "overloaded",
        `Cannot run ${this.template} as too many calls wait for it: ${this.#waiting} (PACK_CALLS_WAITING_MAX)`,
        { data: { pack } },
      );
    }
    for (const port in input) {
      if (this.#inports.has(port)) continue;
      const known = [...this.#inports].join(", ") || "none";
      throw new DenizenError(
        "invalid_argument",
        `Cannot run ${this.template} as it has no inport ${JSON.stringify(port)}: it has ${known}`,
        { data: { pack } },
      );
    }
  }

  #tick(input: PortValues, options: CallLimits): Promise<PortValues> {
    return this.#onEngine((engine) => engine.tick(this.#asked(input, options)));
  }

  /** Most ticks are over before anything could wait for them. `undefined` if this one is not: it has not begun. */
  #tickAtOnce(input: PortValues, options: CallLimits): PortValues | undefined {
    const { engine } = this.#slot;
    if (!engine?.tickAtOnce || engine !== this.#slot.host.keeper.live) return undefined;
    return engine.tickAtOnce(this.#asked(input, options));
  }

  #asked(input: PortValues, { timeoutMs, deadline }: CallLimits): Tick {
    const { template, timeLimitMs, clock } = this.#slot.host;
    if (deadline <= clock.monotonic()) throw tooLate();
    return {
      instance: this.#slot.instance,
      input: input as Ports,
      config: this.#config,
      blocking: template.blocking,
      timeLimitMs: timeoutMs === undefined ? timeLimitMs : Math.min(timeoutMs, timeLimitMs ?? timeoutMs),
      deadline,
    };
  }

  /** Does something with a live engine that holds the instance. */
  async #onEngine<T>(body: (engine: Engine) => T | Promise<T>): Promise<T> {
    const { keeper, pack } = this.#slot.host;
    let ended: EngineEnded | undefined;
    for (let beginnings = 0; beginnings < BEGINNINGS; beginnings++) {
      try {
        const engine = keeper.live ?? await keeper.current();
        if (this.#slot.engine !== engine) await this.#slot.fill(engine);
        return await body(engine);
      } catch (thrown) {
        if (thrown instanceof EngineEnded) {
          ended = thrown;
          continue;
        }
        throw await this.#failure(thrown);
      }
    }
    throw ended?.reason ?? new DenizenError("restarting", `Cannot call the pack as it keeps ending: ${pack}`);
  }

  async #failure(thrown: unknown): Promise<DenizenError> {
    if (endsInstance(thrown)) await this.#slot.empty();
    return packError(thrown, this.#slot.host.pack);
  }
}
