/** Clients that move money between accounts, and record which transfers were acknowledged. */
import assert from "node:assert/strict";
import type { HostProcess } from "../host_process.ts";
import type { Chance } from "./chance.ts";
import { Target } from "./target.ts";

const ACCOUNTS = 50;
const CLIENTS = 16;
const OPENING_BALANCE = 1_000;

interface Transfer {
  readonly id: string;
  readonly from: number;
  readonly to: number;
  readonly amount: number;
}

interface Statement {
  readonly balance: number;
  readonly sent: Readonly<Record<string, number>>;
  readonly received: Readonly<Record<string, number>>;
}

function account(at: number): string {
  return `account.a${at}:tests:denizen.os`;
}

export class Transfers {
  readonly target = new Target();
  readonly #chance: Chance;
  readonly #acknowledged = new Map<string, Transfer>();
  readonly #pending = new Map<string, Transfer>();
  readonly #clients: Promise<void>[];
  #waiting: { total: number; resolve: () => void } | undefined;

  constructor(chance: Chance) {
    this.#chance = chance;
    this.#clients = Array.from({ length: CLIENTS }, (_, at) => this.#run(at));
  }

  get total(): number {
    return this.#acknowledged.size;
  }

  async #run(client: number): Promise<void> {
    for (let number = 1; !this.target.stopped; number++) {
      const from = this.#chance.from(0, ACCOUNTS - 1);
      const to = (from + this.#chance.from(1, ACCOUNTS - 1)) % ACCOUNTS;
      const transfer = { id: `${client}-${number}`, from, to, amount: this.#chance.from(1, 100) };
      this.#pending.set(transfer.id, transfer);
      const args = [transfer.id, `a${to}`, transfer.amount];
      if (!await this.target.deliver(account(from), { Transfer: args })) return;
      this.#pending.delete(transfer.id);
      this.#acknowledged.set(transfer.id, transfer);
      if (this.#waiting && this.total >= this.#waiting.total) this.#waiting.resolve();
    }
  }

  /** Resolves when `count` more are acknowledged, rejects if a client fails meanwhile. */
  async more(count: number): Promise<void> {
    const reached = new Promise<void>((resolve) => this.#waiting = { total: this.total + count, resolve });
    await Promise.race([reached, ...this.#clients]);
  }

  /** Resolves when every client has its last answer. */
  async finish(): Promise<void> {
    this.target.stop();
    await Promise.all(this.#clients);
  }

  /**
   * Checks that both effects of every acknowledged transfer are present, that all other effects belong to
   * pending transfers, that each effect moved its amount once, and that nothing was withdrawn without being
   * deposited: the deposit happens first, and what is durable is a prefix of what happened.
   */
  async check(host: HostProcess): Promise<void> {
    const ids = Array.from({ length: ACCOUNTS }, (_, at) => account(at));
    const statements = await Promise.all(ids.map((id) => host.call(id, { Read: null }))) as Statement[];
    for (const { id, from, to, amount } of this.#acknowledged.values()) {
      assert.equal(statements[from]!.sent[id], amount, `${account(from)} withdrew the acknowledged ${id}`);
      assert.equal(statements[to]!.received[id], amount, `${account(to)} received the acknowledged ${id}`);
    }
    for (const [at, { balance, sent, received }] of statements.entries()) {
      for (const id of Object.keys(sent)) {
        const { to } = this.#known(id);
        assert.ok(id in statements[to]!.received, `${account(to)} received ${id}, which ${account(at)} sent`);
      }
      this.#checkKnown(sent, ({ from }) => from === at);
      this.#checkKnown(received, ({ to }) => to === at);
      assert.equal(
        balance,
        OPENING_BALANCE - sum(sent) + sum(received),
        `${account(at)} moved each amount once`,
      );
    }
  }

  #checkKnown(effects: Readonly<Record<string, number>>, here: (transfer: Transfer) => boolean): void {
    for (const [id, amount] of Object.entries(effects)) {
      const transfer = this.#known(id);
      assert.ok(here(transfer) && transfer.amount === amount, `${id} is a transfer that was asked for`);
    }
  }

  #known(id: string): Transfer {
    const transfer = this.#acknowledged.get(id) ?? this.#pending.get(id);
    assert.ok(transfer, `the transfer was never requested: ${id}`);
    return transfer;
  }

  /** Checks that the sum of all accounts is unchanged, when no transfer is pending. */
  async checkConserved(host: HostProcess): Promise<void> {
    assert.equal(this.#pending.size, 0);
    let total = 0;
    for (let at = 0; at < ACCOUNTS; at++) {
      const { balance } = await host.call(account(at), { Read: null }) as Statement;
      total += balance;
    }
    assert.equal(total, ACCOUNTS * OPENING_BALANCE);
  }
}

function sum(amounts: Readonly<Record<string, number>>): number {
  return Object.values(amounts).reduce((total, amount) => total + amount, 0);
}
