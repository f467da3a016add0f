/** A chat room, one process for each name: `room.garden:examples:denizen.os` is the room "garden". */
import { Http, http, local, process, type u32, Ws, ws } from "@denizen/macro";
import { type Context, Refusal, unwrap, type WsEvent } from "@denizen/runtime";
import { localRpc } from "./generated/lobby.ts";

const TEXT_CHARACTERS_MAX = 2_000;
/** Older messages are dropped. */
const MESSAGES_KEPT = 200;

export interface Message {
  readonly from: string;
  readonly text: string;
  readonly at: Date;
}

@process({
  name: "Room",
  keyed: true,
  endpoints: [Http("/api"), Ws("/ws")],
  // An idle room leaves memory after a minute; the next message loads it again.
  passivateAfter: 60,
  version: 2,
  migrations: { 1: fromLines },
})
export class Room {
  messages: Message[] = [];

  @http
  @local
  async say(from: string, text: string, ctx: Context): Promise<u32> {
    if (text.length > TEXT_CHARACTERS_MAX) {
      throw new Refusal(
        `Cannot say it as it has more than ${TEXT_CHARACTERS_MAX} characters: ${text.length}`,
      );
    }
    // The lobby is another process; if it refuses, this handler fails and the room is unchanged.
    if (this.messages.length === 0) unwrap(await localRpc(ctx).opened(ctx.self));
    const message = { from, text, at: new Date(ctx.now()) };
    this.messages.push(message);
    if (this.messages.length > MESSAGES_KEPT) this.messages.shift();
    // Sent once it is durable, and never if this handler fails.
    ctx.ws.broadcast(message);
    return this.messages.length;
  }

  @http({ method: "GET", path: "/messages" })
  read(): Message[] {
    return this.messages;
  }

  @ws
  socket(channel: u32, event: WsEvent, ctx: Context): void {
    if (event.type === "open") ctx.ws.send(channel, this.messages);
  }
}

/** Version 1 kept `lines`, without their authors. */
function fromLines(state: Record<string, unknown>): Record<string, unknown> {
  const messages = (state.lines as string[]).map((text) => ({
    from: "someone",
    text,
    at: new Date(0).toISOString(),
  }));
  return { messages };
}
