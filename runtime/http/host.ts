/**
 * For which hosts a node answers.
 *
 * Any page can make its own host name resolve to this machine (DNS rebinding): the browser then treats its
 * requests as same-origin, and only the `Host` header shows the difference. So a request is answered only for
 * the names of the node, and for IP addresses, which cannot be rebound.
 */
import { DenizenError, shortened } from "../errors.ts";

/**
 * `host`, and a port if there is one: a name of letters, digits, `-`, `_` and dots, an IPv4 address or
 * `[IPv6]`.
 */
const AUTHORITY = /^(?:\[([0-9A-Fa-f:.]+)\]|([A-Za-z0-9._-]+))(?::(\d{0,5}))?$/;
const IPV4 = /^(?:(?:25[0-5]|2[0-4]\d|1?\d?\d)(?:\.(?!$)|$)){4}$/;
const PORT_LARGEST = 65_535;
/** Accepted authorities that are remembered, so that most requests cost one lookup in a set. */
const REMEMBERED = 64;

export interface KnownHostsOptions {
  /** What the node listens on. */
  readonly hostname: string;
  /** Web origins whose pages may write to the node. */
  readonly origins: ReadonlySet<string>;
  /** Names such as `chat.example.com`, or `*.example.com` for all below it. */
  readonly hosts: readonly string[];
}

export class KnownHosts {
  readonly #names = new Set<string>(["localhost"]);
  /** Each with a dot in front: a name that ends in one is known. */
  readonly #suffixes: string[] = [".localhost"];
  readonly #good = new Set<string>();

  /** @throws {DenizenError} `bad_option` unless it is a host name. */
  constructor({ hostname, origins, hosts }: KnownHostsOptions) {
    this.#names.add(hostname.toLowerCase());
    for (const origin of origins) this.#names.add(new URL(origin).hostname);
    for (const host of hosts) {
      const name = host.startsWith("*.") ? host.slice(2) : host;
      if (!/^[A-Za-z0-9_-][A-Za-z0-9._-]*$/.test(name)) {
        throw new DenizenError(
          "bad_option",
          `Cannot answer for a host that is not a name such as chat.example.com or *.example.com: "${host}"`,
        );
      }
      if (name === host) this.#names.add(name.toLowerCase());
      else this.#suffixes.push(`.${name.toLowerCase()}`);
    }
  }

  /**
   * The path and query of the request line. They must not be searched in `request.url`, which starts with
   * the `Host` header, and that may contain slashes.
   *
   * @throws {DenizenError} `malformed` for an invalid host, `misdirected` for one that is not this node's.
   */
  target({ url, headers }: Request): string {
    const host = headers.get("host");
    if (host !== null && !this.#good.has(host)) this.#check(host, host);
    const begin = url.indexOf("://") + "://".length;
    if (host !== null && url.startsWith(host, begin) && url[begin + host.length] === "/") {
      return url.slice(begin + host.length);
    }
    // There is no header, or the request line has a host, which takes precedence: the server has checked its
    // form, so it ends where the path starts.
    const slash = url.indexOf("/", begin);
    const authority = url.slice(begin, slash === -1 ? undefined : slash);
    if (!this.#good.has(authority)) this.#check(authority, host ?? authority);
    if (slash !== -1) return url.slice(slash);
    throw new DenizenError("malformed", `Cannot read the request as it has no path: ${url}`);
  }

  #check(authority: string, header: string): void {
    const [, ipv6, name, port = ""] = AUTHORITY.exec(authority) ?? [];
    const isHost = ipv6 !== undefined ? URL.canParse(`http://[${ipv6}]`) : name !== undefined;
    if (!isHost || Number(port) > PORT_LARGEST) {
      throw new DenizenError(
        "malformed",
        `Cannot read the request as its host is not a name or an address with a port: ${
          JSON.stringify(shortened(header))
        }`,
      );
    }
    if (name !== undefined && !this.#knows(name)) {
      throw new DenizenError(
        "misdirected",
        `Cannot answer as the host is not one of this node's; if it is, start the node with it in "hosts" (--hosts): ${
          shortened(name)
        }`,
      );
    }
    if (this.#good.size < REMEMBERED) this.#good.add(authority);
  }

  #knows(spelled: string): boolean {
    const lower = spelled.toLowerCase();
    const name = lower.endsWith(".") ? lower.slice(0, -1) : lower;
    return this.#names.has(name) || IPV4.test(name) || this.#suffixes.some((suffix) => name.endsWith(suffix));
  }
}
