/** Keeps posts and pushes them to every connected socket. */
import { Http, http, local, process, Save, type u32, Ws, ws } from "@denizen/macro";
import { type Context, Refusal, type WsEvent } from "@denizen/runtime";
import { stage } from "./stage.ts";

@process({ name: "Board", keyed: true, endpoints: [Http("/api"), Ws("/ws")], passivateAfter: 60 })
export class Board {
  posts: string[] = [];
  /** Counts what is not saved. */
  views: u32 = 0;

  /** Greets new sockets, and echoes their messages without keeping them. */
  @ws
  onSocket(channel: u32, event: WsEvent, ctx: Context): void {
    if (event.type === "open") ctx.ws.send(channel, "hello");
    if (event.type === "message") ctx.ws.send(channel, event.data);
  }

  @http @local
  post(text: string, ctx: Context): u32 {
    ctx.ws.broadcast(text);
    return this.posts.push(text);
  }

  /** Posts, and goes on when the gate opens. */
  @http @local
  async postSlowly(text: string, gate: string, ctx: Context): Promise<u32> {
    this.posts.push(text);
    ctx.ws.broadcast(text);
    await stage.gate(gate);
    ctx.ws.broadcast(`${text}, later`);
    return this.posts.push(`${text}, later`);
  }

  /** Posts one text and makes it durable, then another one, and fails. */
  @http @local
  async postAndFail(saved: string, lost: string, ctx: Context): Promise<void> {
    this.posts.push(saved);
    ctx.ws.broadcast(saved);
    await ctx.save();
    this.posts.push(lost);
    ctx.ws.broadcast(lost);
    throw new Refusal("not today");
  }

  /** Pushes its state, and saves nothing. */
  @http({ save: Save.never })
  @local
  show(ctx: Context): u32 {
    ctx.ws.broadcast(`there are ${this.posts.length}`);
    return ++this.views;
  }

  /** Refuses because of its state. */
  @http @local
  refuseIfAny(): void {
    if (this.posts.length > 0) throw new Refusal(`there are ${this.posts.length}`);
  }
}
