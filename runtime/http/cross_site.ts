/**
 * Keeps other web sites out. A page anywhere may make its visitor's browser send a form to this node, or open
 * a WebSocket to it, and handlers cannot tell. What can change something is therefore refused if the browser
 * says that another site asks; curl and programs say nothing, and are let in.
 */
import { DenizenError } from "../errors.ts";

const OURS = new Set(["same-origin", "same-site", "none"]);

/**
 * @param origins other origins that may, such as `https://app.example.com`.
 * @throws {DenizenError} `forbidden`.
 */
export function refuseOtherSites({ headers, url }: Request, origins: ReadonlySet<string>): void {
  const site = headers.get("sec-fetch-site");
  if (site !== null && OURS.has(site)) return;
  const origin = headers.get("origin");
  // Browsers leave out the site where the page is not trustworthy itself, such as plain HTTP in a local
  // network.
  if (origin === null ? site === null : origins.has(origin) || site === null && isSameHost(origin, url)) {
    return;
  }
  throw new DenizenError(
    "forbidden",
    `Cannot take a request that another site's page makes: ${
      origin ?? site
    }; if it may, start the node with that origin`,
  );
}

/** @throws {DenizenError} `bad_option` for what is no origin. */
export function checkOrigins(origins: readonly string[]): ReadonlySet<string> {
  for (const origin of origins) {
    if (URL.parse(origin)?.origin !== origin) {
      throw new DenizenError(
        "bad_option",
        `Cannot let in another site as it is not an origin such as https://app.example.com: "${origin}"`,
      );
    }
  }
  return new Set(origins);
}

/** A JSON body from another site needs the node's consent first, which browsers ask for and never get. */
export function isPlainForm({ headers }: Request): boolean {
  return headers.get("content-type") !== "application/json";
}

/** Another port of the same host is the same site to browsers too. */
function isSameHost(origin: string, url: string): boolean {
  return URL.parse(origin)?.hostname === URL.parse(url)?.hostname;
}
