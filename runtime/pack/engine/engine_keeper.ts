/** Keeps one engine for a pack: opens it when it is first needed, and anew when it ended, not too often. */
import type { Clock } from "../../world/clock.ts";
import { DenizenError } from "../../errors.ts";
import { PACK_RESTART_WINDOW_MS, PACK_RESTARTS_MAX } from "../../limits.ts";
import type { Log } from "../../log.ts";
import type { Engine, OpenEngine } from "./engine.ts";

export interface EngineKeeperOptions {
  readonly pack: string;
  readonly clock: Clock;
  readonly log: Log;
}

export class EngineKeeper {
  readonly #open: OpenEngine;
  readonly #options: EngineKeeperOptions;
  #engine: Engine | undefined;
  #closed = false;
  #opening: Promise<Engine> | undefined;
  /** When it was opened again, in monotonic time, the latest last. */
  readonly #restarts: number[] = [];

  /** `engine` is one that is open already. */
  constructor(open: OpenEngine, options: EngineKeeperOptions, engine?: Engine) {
    this.#open = open;
    this.#options = options;
    this.#engine = engine;
  }

  /** How often it was opened again. */
  restarts = 0;

  /** The engine, unless it has to be opened first. */
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

  /** As `close`, without waiting for calls that run. */
  async abort(): Promise<void> {
    this.#closed = true;
    await this.#opening?.catch(() => {});
    await this.#engine?.abort();
  }

  async #reopen(): Promise<Engine> {
    const { pack, clock, log } = this.#options;
    if (this.#engine) {
      const now = clock.monotonic();
      while (this.#restarts.length > 0 && now - this.#restarts[0]! >= PACK_RESTART_WINDOW_MS) {
        this.#restarts.shift();
      }
      if (this.#restarts.length >= PACK_RESTARTS_MAX) {
        throw new DenizenError(
          "restarting",
          `Cannot call the pack ${pack} as it ended ${PACK_RESTARTS_MAX} times within ${PACK_RESTART_WINDOW_MS} ms (PACK_RESTARTS_MAX)`,
          { data: { pack } },
        );
      }
      this.#restarts.push(now);
      this.restarts++;
      log.warn("a pack starts again; what its instances held is lost", { pack, restarts: this.restarts });
      // What an engine that ended still holds: its worker, its process.
      await this.#engine.close().catch(() => {});
    }
    return this.#engine = await this.#open();
  }
}
