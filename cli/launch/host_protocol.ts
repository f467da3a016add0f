/**
 * Messages between the command and the node's process. The process sends reports on its standard output
 * (`child_report.ts`); the command sends orders to its standard input, one line of JSON each. End of input
 * means that the command has ended, and the node drains.
 */
import type { DefinitionInfo, PackRequest } from "@denizen/runtime";
import type { Explanation } from "../terminal/failure.ts";
import { hasKind } from "./child_report.ts";

export interface HostOptions {
  /** Absolute paths. */
  readonly apps: readonly string[];
  /** An absolute path, `:memory:`, or the URL of a Deno KV server. */
  readonly data: string;
  /** Take the data on a server from a node that still owns it. */
  readonly takeOver: boolean;
  readonly name: string;
  readonly hostname: string;
  readonly port: number;
  /** Other web origins whose pages may send requests that change something. */
  readonly origins: readonly string[];
  /** Host names by which clients reach the node. */
  readonly hosts: readonly string[];
  readonly packs: readonly PackRequest[];
  /** The folder that native libraries are opened from. */
  readonly packCache: string;
  readonly log: "text" | "json";
}

export interface RunningNode {
  readonly name: string;
  readonly url: string;
  readonly port: number;
  readonly pid: number;
  readonly definitions: readonly DefinitionInfo[];
}

export type NodeReport =
  /**
   * The apps' modules are loaded; the node has no port and no storage yet. Next: `ready` or `failed`, after
   * `start`.
   */
  | { readonly kind: "loaded" }
  /** The node accepts requests. Next: `failed`, or the end of the process. */
  | { readonly kind: "ready"; readonly node: RunningNode }
  /** Next: the end of the process, with exit code 1. */
  | { readonly kind: "failed"; readonly explanation: Explanation };

export type Order =
  | { readonly kind: "start" }
  | { readonly kind: "drain"; readonly keepVolatile: boolean };

export function isNodeReport(value: unknown): value is NodeReport {
  return hasKind(value, ["loaded", "ready", "failed"]);
}
