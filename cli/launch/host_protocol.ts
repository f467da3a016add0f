/**
 * What the command and the node's process tell each other. The process reports on its standard output, between whatever the
 * apps print there: a report is one line of JSON behind the record separator of RFC 7464. Orders go to its standard input, one
 * line of JSON each; the end of the input means that the command is gone, and the node drains.
 */
import type { DefinitionInfo, PackRequest } from "@denizen/runtime";
import type { Explanation } from "../terminal/failure.ts";

export interface HostOptions {
  /** Absolute paths. */
  readonly apps: readonly string[];
  readonly data: string;
  readonly name: string;
  readonly hostname: string;
  readonly port: number;
  /** Of other web sites that may write to the node. */
  readonly origins: readonly string[];
  readonly packs: readonly PackRequest[];
  /** A folder for native libraries while they are opened. */
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

export type Report =
  /** The apps' modules are there; the node has no port and no storage yet. Next: `ready` or `failed`, after `start`. */
  | { readonly kind: "loaded" }
  /** It takes requests. Next: `failed`, or the end of the process. */
  | { readonly kind: "ready"; readonly node: RunningNode }
  /** Next: the end of the process, with exit code 1. */
  | { readonly kind: "failed"; readonly explanation: Explanation };

export type Order =
  | { readonly kind: "start" }
  | { readonly kind: "drain"; readonly keepVolatile: boolean };

const RECORD_SEPARATOR = 0x1e;
const NEWLINE = 0x0a;
const REPORT_BYTES_MAX = 16 * 1024 * 1024;

export function encodeReport(report: Report): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(`${String.fromCharCode(RECORD_SEPARATOR)}${JSON.stringify(report)}\n`);
}

/** Takes the reports out of a node's output and passes on everything else, byte for byte. */
export function takeReports(onReport: (report: Report) => void): TransformStream<Uint8Array, Uint8Array> {
  let pending: Uint8Array | undefined;
  return new TransformStream({
    transform(chunk, controller) {
      let rest = chunk;
      while (rest.length > 0) {
        if (pending === undefined) {
          const start = rest.indexOf(RECORD_SEPARATOR);
          const output = start === -1 ? rest : rest.subarray(0, start);
          if (output.length > 0) controller.enqueue(output);
          if (start === -1) return;
          pending = new Uint8Array();
          rest = rest.subarray(start);
        }
        const end = rest.indexOf(NEWLINE);
        pending = joined(pending, end === -1 ? rest : rest.subarray(0, end + 1));
        rest = end === -1 ? rest.subarray(rest.length) : rest.subarray(end + 1);
        if (end === -1 && pending.length <= REPORT_BYTES_MAX) return;
        const report = parseReport(pending);
        if (report) onReport(report);
        else controller.enqueue(pending);
        pending = undefined;
      }
    },
    flush(controller) {
      if (pending) controller.enqueue(pending);
    },
  });
}

function parseReport(bytes: Uint8Array): Report | undefined {
  try {
    const report = JSON.parse(new TextDecoder().decode(bytes.subarray(1)));
    return ["loaded", "ready", "failed"].includes(report?.kind) ? report : undefined;
  } catch {
    return undefined;
  }
}

function joined(first: Uint8Array, second: Uint8Array): Uint8Array {
  const both = new Uint8Array(first.length + second.length);
  both.set(first);
  both.set(second, first.length);
  return both;
}
