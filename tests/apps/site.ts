/** A process with a page: static files, an endpoint and a path of its own. */
import { Http, http, process } from "@denizen/macro";

@process({ name: "Site", ui: "site_ui", endpoints: [Http("/api")] })
export class Site {
  @http
  ping(): string {
    return "pong";
  }

  @http({ path: "/about.html" })
  about(): string {
    return "a handler comes before a file";
  }

  @http({ method: "POST", path: "/form" })
  form(text: string): string {
    return text;
  }
}
