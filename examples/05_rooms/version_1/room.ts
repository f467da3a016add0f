/** The first version of a room: lines without their authors. */
import { Http, http, local, process } from "@denizen/macro";

@process({ name: "Room", keyed: true, endpoints: [Http("/api")] })
export class Room {
  lines: string[] = [];

  @http
  @local
  say(text: string): void {
    this.lines.push(text);
  }
}
