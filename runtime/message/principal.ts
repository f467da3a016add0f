/** Who sends a message (G12). Data: it names the sender without referring to it. */
import { localAddress } from "../address.ts";

export type Principal =
  /** A process of this node, by its id. */
  | { readonly kind: "process"; readonly id: string }
  /** An unidentified sender, by the way it came. */
  | { readonly kind: "anyone"; readonly via: "http" | "socket" | "local" };

export const ANYONE_OVER_HTTP: Principal = { kind: "anyone", via: "http" };
export const ANYONE_ON_A_SOCKET: Principal = { kind: "anyone", via: "socket" };
/** A program that embeds the node, or the `denizen` command. */
export const ANYONE_LOCAL: Principal = { kind: "anyone", via: "local" };

/** The address for `ctx.source`. The names of senders other than processes are Hyperware's. */
export function sourceOf(principal: Principal): string {
  return localAddress(principal.kind === "process" ? principal.id : `${principal.via}:distro:sys`);
}
