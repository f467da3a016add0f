/** Every way in which a call by tag can end. */
import { Http, http, local, process, type Result, Save, type u32, type u8 } from "@denizen/macro";
import { type Context, Refusal } from "@denizen/runtime";
import { gate } from "../gate.ts";

export interface Entry {
  title: string;
  dueDate: Date;
  stars?: u8;
}

@process({ name: "Notebook", endpoints: [Http("/api"), Http("/also"), Http("/büro")] })
export class Notebook {
  entries: Entry[] = [];
  calls: u32 = 0;

  @http @local
  update(entry: Entry, replace: boolean): u32 {
    if (replace) this.entries = [];
    return this.entries.push(entry);
  }

  @http
  echo(text: string): string {
    return text;
  }

  @http @local
  count(): u32 {
    return ++this.calls;
  }

  @http({ save: Save.never })
  list(): Entry[] {
    return this.entries;
  }

  @http({ method: "PUT" })
  replace(entries: Entry[]): void {
    this.entries = entries;
  }

  @http({ method: "GET", path: "/entries" })
  byPath(): Entry[] {
    return this.entries;
  }

  @local
  inner(): u32 {
    return this.calls;
  }

  @http
  half(amount: u32): Result<u32, string> {
    return amount % 2 === 0 ? { Ok: amount / 2 } : { Err: "it is odd" };
  }

  @http @local
  fail(): void {
    this.calls = 1_000_000;
    throw new Error("the password is in /etc/denizen/password");
  }

  @http @local
  refuse(id: u32): void {
    this.calls = 1_000_000;
    throw new Refusal(`Cannot open the entry as there is none: ${id}`, { status: 404, data: { id } });
  }

  @http @local
  misreply(): u32 {
    return "/etc/denizen/password" as unknown as u32;
  }

  @http
  misstate(): void {
    this.entries.push({ title: "/etc/denizen/password", dueDate: "never" as unknown as Date });
  }

  @http @local
  async hold(name: string): Promise<string> {
    await gate(name).pass();
    return name;
  }

  @http
  decide(status: u32, ctx: Context): string {
    this.calls++;
    ctx.http!.status = status;
    ctx.http!.replyHeaders.set("x-decided", "yes");
    return "decided";
  }

  @http
  request(ctx: Context): string[] {
    const { method, url, client, headers } = ctx.http!;
    return [method, url.pathname, url.search, client, headers.get("x-given") ?? "", ctx.source];
  }
}
