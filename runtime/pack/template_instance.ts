/**
 * One instance of a template, created again when its engine ended.
 *
 * I1. Calls of one instance never overlap: each waits for those before it.
 * I2. The native or WebAssembly instance is destroyed when `end` is called, or when this object is garbage
 * collected.
 */
import type { Ports, TemplateDescription } from "@denizen/pack-sdk";
import { DenizenError } from "../errors.ts";
import { PACK_CALL_STARTS_MAX, PACK_CALLS_WAITING_MAX } from "../limits.ts";
import type { PortValues } from "../process/packs.ts";
import type { Clock } from "../world/clock.ts";
import { type Engine, EngineEnded, type Tick, type TimeLimit, tooLate } from "./engine/engine.ts";
import type { EngineSupervisor } from "./engine/engine_supervisor.ts";
import { endsInstance, packError } from "./engine/fault.ts";

/** How long one call may take. */
interface CallLimits {
  readonly timeoutMs: number | undefined;
  /** When its caller stops waiting, in monotonic time. */
  readonly deadline: number;
}

/** What the instances of one template share. */
export interface TemplateHost {
  readonly pack: string;
  readonly template: TemplateDescription;
  readonly inports: ReadonlySet<string>;
  /** The template's number in the pack. */
  readonly factory: number;
  readonly supervisor: EngineSupervisor;
  readonly timeLimitMs: TimeLimit;
  readonly clock: Clock;
  /** Called once for each instance, when it has ended. */
  released(): void;
}

/**
 * The engine's instance. It holds no reference to its owner, so that the garbage collector can find the owner
 * unused.
 */
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

/** Ends instances whose actor was dropped without being ended. */
const unreachable = new FinalizationRegistry<InstanceSlot>((slot) => void slot.end().catch(() => {}));

export class TemplateInstance {
  /** Counts calls of all instances: several fall into one millisecond. */
  static #uses = 0;
  readonly #slot: InstanceSlot;
  readonly #config: string;
  /** The last call, while any is running or waiting. */
  #last: Promise<unknown> | undefined;
  #waiting = 0;
  #ended = false;

  /** @param config JSON text of an object. */
  constructor(host: TemplateHost, config: string) {
    this.#slot = new InstanceSlot(host);
    this.#config = config;
    unreachable.register(this, this.#slot, this);
  }

  /** Orders instances by their last call: the larger, the later. */
  lastUsed: number = ++TemplateInstance.#uses;

  get host(): TemplateHost {
    return this.#slot.host;
  }

  get ended(): boolean {
    return this.#ended;
  }

  /** No call runs or waits. */
  get idle(): boolean {
    return this.#waiting === 0;
  }

  /**
   * Creates the engine's instance at once, so that a template that refuses is known before the first call.
   */
  async begin(): Promise<this> {
    try {
      await this.#onEngine(() => undefined);
      return this;
    } catch (thrown) {
      await this.end();
      throw thrown;
    }
  }

  async run(input: PortValues, limits: CallLimits): Promise<PortValues> {
    this.#check(input);
    this.lastUsed = ++TemplateInstance.#uses;
    if (this.#waiting > 0) return await this.#queued(this.#last!.then(() => this.#tick(input, limits)));
    let output: PortValues | undefined;
    try {
      output = this.#tickAtOnce(input, limits);
    } catch (thrown) {
      throw await this.#failure(thrown);
    }
    return output ?? await this.#queued(this.#tick(input, limits));
  }

  /** Ends it after its running and waiting calls. */
  async end(): Promise<void> {
    if (this.#ended) return;
    this.#ended = true;
    unreachable.unregister(this);
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
    const { pack, template: { name }, inports } = this.host;
    if (this.#ended) throw new DenizenError("pack_closed", `Cannot run ${name} as the actor has ended`);
    if (this.#waiting >= PACK_CALLS_WAITING_MAX) {
      throw new DenizenError(
        "overloaded",
        `Cannot run ${name} as too many calls wait for it: ${this.#waiting} (PACK_CALLS_WAITING_MAX)`,
        { data: { pack } },
      );
    }
    for (const port in input) {
      if (inports.has(port)) continue;
      const known = [...inports].join(", ") || "none";
      throw new DenizenError(
        "invalid_argument",
        `Cannot run ${name} as it has no inport ${JSON.stringify(port)}: it has ${known}`,
        { data: { pack } },
      );
    }
  }

  #tick(input: PortValues, limits: CallLimits): Promise<PortValues> {
    return this.#onEngine((engine) => engine.tick(this.#request(input, limits)));
  }

  /** Most ticks finish at once. `undefined` if this one has to wait: then it has not begun. */
  #tickAtOnce(input: PortValues, limits: CallLimits): PortValues | undefined {
    const { engine } = this.#slot;
    if (!engine?.tickAtOnce || engine !== this.host.supervisor.live) return undefined;
    return engine.tickAtOnce(this.#request(input, limits));
  }

  #request(input: PortValues, { timeoutMs, deadline }: CallLimits): Tick {
    const { template, timeLimitMs, clock } = this.host;
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

  /**
   * Runs `body` on a live engine that holds the instance; on the next one if the engine ended before the call
   * began.
   */
  async #onEngine<T>(body: (engine: Engine) => T | Promise<T>): Promise<T> {
    const { supervisor, pack } = this.host;
    let ended: EngineEnded | undefined;
    for (let starts = 0; starts < PACK_CALL_STARTS_MAX; starts++) {
      try {
        const engine = supervisor.live ?? await supervisor.current();
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
    return packError(thrown, this.host.pack);
  }
}
