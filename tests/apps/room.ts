/** A WebSocket process that does what its clients tell it to. */
import { Http, http, local, process, Save, type u32, Ws, ws } from "@denizen/macro";
import { type Context, Refusal, type WsEvent } from "@denizen/runtime";
import { gate } from "../gate.ts";

@process({
  name: "Room",
  keyed: true,
  endpoints: [Http("/api"), Ws("/ws"), Ws("/quiet")],
  passivateAfter: 60,
})
export class Room {
  /** The events so far, in order: `open 1 /ws`, `message 1 hello`, `close 1 1000 bye`. */
  heard: string[] = [];

  @ws
  async onSocket(channel: u32, event: WsEvent, ctx: Context): Promise<void> {
    switch (event.type) {
      case "open":
        this.heard.push(`open ${channel} ${event.path}`);
        if (event.query.refuse !== undefined) throw new Refusal("Cannot come in as the room is private");
        if (event.query.fail !== undefined) throw new Error("the door is stuck");
        ctx.ws.send(channel, {
          channel,
          path: event.path,
          query: event.query,
          given: event.headers.get("x-given"),
        });
        return;
      case "message":
        if (typeof event.data !== "string") return ctx.ws.send(channel, event.data.toReversed());
        this.heard.push(`message ${channel} ${event.data.slice(0, 40)}`);
        return await this.follow(channel, event.data, ctx);
      case "close":
        this.heard.push(`close ${channel} ${event.code} ${event.reason}`);
        ctx.ws.broadcast(`left ${channel}`);
    }
  }

  private async follow(channel: u32, line: string, ctx: Context): Promise<void> {
    const [verb, ...words] = line.split(" ");
    switch (verb) {
      case "all":
        return ctx.ws.broadcast(words.join(" "));
      case "path":
        return ctx.ws.broadcast(words.slice(1).join(" "), words[0]);
      case "channels":
        return ctx.ws.send(channel, { all: ctx.ws.channels(), quiet: ctx.ws.channels("/quiet") });
      case "close":
        return ctx.ws.close(channel, Number(words[0]), words[1]);
      case "stray":
        return ctx.ws.send(Number(words[0]), "stray");
      case "snapshot": {
        const data = { text: "as it was sent" };
        ctx.ws.send(channel, data);
        data.text = "as it became";
        return;
      }
      case "bytes": {
        const data = new Uint8Array([1, 2, 3]);
        ctx.ws.send(channel, data);
        data.fill(9);
        return;
      }
      case "fail":
        ctx.ws.send(channel, "never sent");
        throw new Error("the handler failed");
      case "hold":
        await gate(words[0]!).pass();
        return ctx.ws.send(channel, `held ${words[0]}`);
      case "echo":
        return ctx.ws.send(channel, words.join(" "));
    }
  }

  /** Sends `count` texts of `bytes` bytes to every client. */
  @http({ save: Save.never })
  flood(count: u32, bytes: u32, ctx: Context): void {
    for (let sent = 0; sent < count; sent++) ctx.ws.broadcast("x".repeat(bytes));
  }

  @http
  announce(text: string, ctx: Context): void {
    this.heard.push(`announced ${text}`);
    ctx.ws.broadcast(text);
  }

  @http({ save: Save.never })
  history(): string[] {
    return this.heard;
  }

  @local({ save: Save.never })
  note(): void {}

  @http({ save: Save.never })
  channels(ctx: Context): u32[] {
    return ctx.ws.channels();
  }
}
