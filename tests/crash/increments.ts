/** Clients that send numbered increments, one client per process, and record which were acknowledged. */
import assert from "node:assert/strict";
import type { HostProcess } from "../host_process.ts";
import { Target } from "./target.ts";

const PROCESSES = 20;

function tally(at: number): string {
  return `tally.t${at}:tests:denizen.os`;
}

export class Increments {
  readonly target = new Target();
  /** The last number that each process acknowledged; the next one may be in flight. */
  readonly #acknowledged: number[] = Array.from({ length: PROCESSES }, () => 0);
  readonly #clients: Promise<void>[];
  #total = 0;
  #waiting: { total: number; resolve: () => void } | undefined;

  constructor() {
    this.#clients = this.#acknowledged.map((_, at) => this.#run(at));
  }

  get total(): number {
    return this.#total;
  }

  async #run(at: number): Promise<void> {
    for (let number = 1; !this.target.stopped; number++) {
      if (!await this.target.deliver(tally(at), { Increment: number })) return;
      this.#acknowledged[at] = number;
      this.#total++;
      if (this.#waiting && this.#total >= this.#waiting.total) this.#waiting.resolve();
    }
  }

  /** Resolves when `count` more are acknowledged, rejects if a client fails meanwhile. */
  async more(count: number): Promise<void> {
    const reached = new Promise<void>((resolve) => this.#waiting = { total: this.#total + count, resolve });
    await Promise.race([reached, ...this.#clients]);
  }

  /** Resolves when every client has its last answer. */
  async finish(): Promise<void> {
    this.target.stop();
    await Promise.all(this.#clients);
  }

  /**
   * Checks, on a node that has just started, that every process has counted what it acknowledged, in order
   * and once.
   */
  async check(host: HostProcess): Promise<void> {
    await Promise.all(this.#acknowledged.map(async (acknowledged, at) => {
      const { count, numbers } = await read(host, at);
      assert.ok(
        count === acknowledged || count === acknowledged + 1,
        `${tally(at)} acknowledged ${acknowledged} and has counted ${count}`,
      );
      assertPrefix(at, count, numbers);
    }));
  }

  /** Like {@link check}, but the latest acknowledged increments may be missing. Returns how many are. */
  async checkPrefix(host: HostProcess): Promise<number> {
    let lost = 0;
    await Promise.all(this.#acknowledged.map(async (acknowledged, at) => {
      const { count, numbers } = await read(host, at);
      assert.ok(count <= acknowledged + 1);
      assertPrefix(at, count, numbers);
      lost += Math.max(0, acknowledged - count);
    }));
    return lost;
  }
}

async function read(host: HostProcess, at: number): Promise<{ count: number; numbers: number[] }> {
  return await host.call(tally(at), { Read: null }) as { count: number; numbers: number[] };
}

function assertPrefix(at: number, count: number, numbers: number[]): void {
  assert.deepEqual(numbers, Array.from({ length: count }, (_, index) => index + 1), tally(at));
}
