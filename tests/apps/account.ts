/**
 * Money that moves between processes. Both sides remember the transfers they have seen, so a repeated one
 * happens once.
 */
import { Http, http, type i32, local, process, Save, type u32 } from "@denizen/macro";
import { type Context, unwrap } from "@denizen/runtime";
import { localRpc } from "./generated/account.ts";

export const OPENING_BALANCE = 1_000;

@process({ name: "Account", keyed: true, endpoints: [Http("/api")] })
export class Account {
  balance: i32 = OPENING_BALANCE;
  sent: Map<string, u32> = new Map();
  received: Map<string, u32> = new Map();

  /** Withdraws here and deposits there. */
  @http
  async transfer(id: string, to: string, amount: u32, ctx: Context): Promise<i32> {
    if (!this.sent.has(id)) {
      this.balance -= amount;
      this.sent.set(id, amount);
    }
    unwrap(await localRpc(ctx, to).deposit(id, amount));
    return this.balance;
  }

  @local
  deposit(id: string, amount: u32): void {
    if (this.received.has(id)) return;
    this.balance += amount;
    this.received.set(id, amount);
  }

  @http({ save: Save.never })
  read(): { balance: i32; sent: Map<string, u32>; received: Map<string, u32> } {
    return { balance: this.balance, sent: this.sent, received: this.received };
  }
}
