/**
 * Opens the engine of a pack when it is first needed, and restarts it when it ended, a bounded number of
 * times.
 */
import type { Clock } from "../../world/clock.ts";
import { DenizenError } from "../../errors.ts";
import { PACK_RESTART_WINDOW_MS, PACK_RESTARTS_MAX } from "../../limits.ts";
import type { Log } from "../../log.ts";
import type { Engine, OpenEngine } from "./engine.ts";

interface EngineSupervisorOptions {
  readonly pack: string;
  readonly clock: Clock;
  readonly log: Log;
}

export class EngineSupervisor {
  readonly #open: OpenEngine;
  readonly #options: EngineSupervisorOptions;
  #engine: Engine | undefined;
  #closed = false;
  #opening: Promise<Engine> | undefined;
  /** The latest restarts, in monotonic time, oldest first. */
  readonly #restartTimes: number[] = [];

  /** @param engine one that is already open. */
  constructor(open: OpenEngine, options: EngineSupervisorOptions, engine?: Engine) {
    this.#open = open;
    this.#options = options;
    this.#engine = engine;
  }

  /** How often it was restarted in all. */
  restartCount = 0;

  /** The engine, if one is open. */
  get live(): Engine | undefined {
    return this.#closed || this.#engine?.ended ? undefined : this.#engine;
  }

  /** @throws {DenizenError} `restarting` if it ended too often, `pack_closed` after `close`. */
  async current(): Promise<Engine> {
    if (this.#closed) {
      throw new DenizenError("pack_closed", `Cannot call the pack as it is unloaded: ${this.#options.pack}`);
    }
    if (this.live) return this.live;
    return await (this.#opening ??= this.#reopen().finally(() => this.#opening = undefined));
  }

  memoryBytes(): number {
    return this.live?.memoryBytes() ?? 0;
  }

  async close(): Promise<void> {
    this.#closed = true;
    await this.#opening?.catch(() => {});
    await this.#engine?.close();
  }

  /** Closes without waiting for running calls. */
  async abort(): Promise<void> {
    this.#closed = true;
    await this.#opening?.catch(() => {});
    await this.#engine?.abort();
  }

  async #reopen(): Promise<Engine> {
    const { pack, clock, log } = this.#options;
    if (this.#engine) {
      const now = clock.monotonic();
      while (this.#restartTimes.length > 0 && now - this.#restartTimes[0]! >= PACK_RESTART_WINDOW_MS) {
        this.#restartTimes.shift();
      }
      if (this.#restartTimes.length >= PACK_RESTARTS_MAX) {
        throw new DenizenError(
          "restarting",
          `Cannot call the pack ${pack} as it ended ${PACK_RESTARTS_MAX} times within ${PACK_RESTART_WINDOW_MS} ms (PACK_RESTARTS_MAX)`,
          { data: { pack } },
        );
      }
      this.#restartTimes.push(now);
      this.restartCount++;
      log.warn("pack restarts, state of its instances lost", { pack, restarts: this.restartCount });
      // An engine that ended may still hold a worker or a child process.
      await this.#engine.close().catch(() => {});
    }
    return this.#engine = await this.#open();
  }
}
