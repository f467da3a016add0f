/** Knows which rooms exist. A room registers when it gets its first message. */
import { Http, http, local, process } from "@denizen/macro";
import { Refusal } from "@denizen/runtime";

const ROOMS_MAX = 10_000;

@process({ name: "Lobby", endpoints: [Http("/api")] })
export class Lobby {
  rooms: Set<string> = new Set();

  @local
  opened(room: string): void {
    if (this.rooms.size >= ROOMS_MAX) {
      throw new Refusal(`Cannot open a room as the lobby is full: ${ROOMS_MAX}`);
    }
    this.rooms.add(room);
  }

  @http({ method: "GET", path: "/rooms" })
  list(): string[] {
    return [...this.rooms].sort();
  }
}
