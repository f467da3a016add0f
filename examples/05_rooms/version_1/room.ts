/** A room as it was at first: what was said, without who said it. */
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
