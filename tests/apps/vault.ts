/** A process whose state has every kind of value, and whose handlers change all of it before they fail. */
import { init, local, process, type u32, type u64 } from "@denizen/macro";
import { type Context, Refusal } from "@denizen/runtime";
import { contract } from "./generated/vault.ts";

export interface Item {
  name: string;
  price: u32;
  parts: string[];
}

export type Failure = "throw" | "refuse" | "reply" | "state" | "loop" | "none";

@process({ name: "Vault", keyed: true })
export class Vault {
  title = "vault";
  small: u32 = 1;
  large: u64 = 2n ** 60n;
  born: Date = new Date(0);
  tags: Set<string> = new Set(["old"]);
  prices: Map<string, Item> = new Map([["lamp", { name: "lamp", price: 5, parts: ["bulb"] }]]);
  items: Item[] = [{ name: "chair", price: 7, parts: ["leg", "leg", "leg"] }];
  bytes: Uint8Array<ArrayBuffer> = new Uint8Array([1, 2, 3]);
  note?: string = "note";
  nested: { deep: { list: u32[] } } = { deep: { list: [1] } };
  /** Reads the state of the instance that `@init` ran on, also after rollbacks. */
  peek = (): u32 => 0;

  @init
  start(): void {
    this.peek = () => this.small + this.nested.deep.list.length;
  }

  /** Calls itself, and continues after an error. */
  @local
  async nest(failure: Failure, ctx: Context): Promise<string> {
    const answer = await ctx.call(ctx.self, contract.handlers.Spoil!, [failure]);
    return answer.status === "Success" ? "Success" : answer.error.code;
  }

  /** A change that succeeds, under any save policy. */
  @local
  touch(): u32 {
    return ++this.small;
  }

  @local
  peeked(): u32[] {
    return [this.peek(), this.small + this.nested.deep.list.length];
  }

  @local
  spoil(failure: Failure): u32 {
    this.spoilAll();
    return this.end(failure);
  }

  @local
  async spoilLater(failure: Failure): Promise<u32> {
    this.title = "half way";
    await Promise.resolve();
    this.spoilAll();
    await Promise.resolve();
    return this.end(failure);
  }

  /** The whole state, in a form that shows any difference. */
  @local
  show(): string {
    const { title, small, large, born, tags, prices, items, bytes, note, nested } = this;
    const text = {
      title,
      small,
      large: `${large}`,
      born: born.getTime(),
      tags: [...tags],
      prices: [...prices],
      items,
    };
    return JSON.stringify({ ...text, bytes: [...bytes], note: note ?? "none", nested });
  }

  private spoilAll(): void {
    this.title = "spoilt";
    this.small = 99;
    this.large++;
    this.born.setFullYear(1999);
    this.tags.add("new").delete("old");
    this.prices.get("lamp")!.parts.push("switch");
    this.prices.set("table", { name: "table", price: 1, parts: [] });
    this.items[0]!.parts.length = 0;
    this.items = [...this.items, { name: "bed", price: 2, parts: [] }];
    this.bytes[0] = 255;
    this.note = undefined;
    this.nested.deep.list.push(2);
    this.nested = { deep: this.nested.deep };
  }

  private end(failure: Failure): u32 {
    switch (failure) {
      case "throw":
        throw new Error("on purpose");
      case "refuse":
        throw new Refusal("not today");
      case "reply":
        return -1;
      case "state":
        this.small = NaN;
        return 0;
      case "loop": {
        const item: Item & { self?: unknown } = { name: "loop", price: 1, parts: [] };
        (item.parts as unknown[]).push(item.parts);
        this.items.push(item);
        return 0;
      }
      case "none":
        return 0;
    }
  }
}
