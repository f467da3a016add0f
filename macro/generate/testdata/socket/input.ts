import { process, type u32, Ws, ws } from "@denizen/macro";
import type { Context, WsEvent } from "@denizen/runtime";

@process({ name: "Echo", endpoints: [Ws("/ws")] })
export class Echo {
  @ws hear(_channel: u32, _event: WsEvent, _ctx: Context): void {}
}
