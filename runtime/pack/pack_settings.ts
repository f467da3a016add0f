/**
 * `denizen.packs` of an app's `deno.json`, by name:
 *
 * ```json
 * { "denizen": { "packs": {
 *   "text": "./packs/text",
 *   "hash": { "path": "./packs/hash.pack", "native": true, "trusted": true },
 *   "resize": { "path": "./resize.rflpack", "timeLimitMs": 2000, "memoryBytesMax": 67108864 }
 * } } }
 * ```
 */
import { isAbsolute, join } from "node:path";
import { DenizenError, shortened } from "../errors.ts";
import type { PackMode } from "./carrier_choice.ts";

export interface PackRequest {
  /** A bundle, a folder, a library or a module. */
  readonly path: string;
  /** Default: `auto`. */
  readonly mode?: PackMode;
  /** Its native code may be run. Default: false. */
  readonly native?: boolean;
  /** It may run on the node's own thread, where nothing can stop it. Default: false. */
  readonly trusted?: boolean;
  /** The public key that must have signed it, in base64; it is trusted then. */
  readonly key?: string;
  /** How long one call may take. Default: none on the node's thread, `PACK_CALL_MS_DEFAULT` elsewhere. */
  readonly timeLimitMs?: number;
  /** How much memory its WebAssembly may have. Default: `PACK_MEMORY_BYTES_DEFAULT`. */
  readonly memoryBytesMax?: number;
}

const MODES: readonly PackMode[] = ["auto", "native", "isolated", "wasm"];

/** Whether a value is what a field holds, and what that is. */
const FIELDS: Record<keyof PackRequest, readonly [(value: unknown) => boolean, string]> = {
  path: [(value) => typeof value === "string" && value !== "", "a path"],
  mode: [(value) => MODES.includes(value as PackMode), MODES.join(", ")],
  native: [(value) => typeof value === "boolean", "true or false"],
  trusted: [(value) => typeof value === "boolean", "true or false"],
  key: [(value) => typeof value === "string" && value !== "", "an Ed25519 public key in base64"],
  timeLimitMs: [isPositive, "milliseconds, more than 0"],
  memoryBytesMax: [isPositive, "bytes, more than 0"],
};

function isPositive(value: unknown): boolean {
  return typeof value === "number" && Number.isSafeInteger(value) && value > 0;
}

function wrong(where: string, value: unknown, fix: string): DenizenError {
  const text = shortened(JSON.stringify(value) ?? "missing");
  return new DenizenError("bad_option", `Cannot read ${where} as it is ${text}; write ${fix}`);
}

/**
 * Reads the value of `denizen.packs`. Relative paths start at `folder`, where the `deno.json` stands.
 *
 * @throws {DenizenError} `bad_option` with the field.
 */
export function parsePackSettings(value: unknown, folder: string): Map<string, PackRequest> {
  const requests = new Map<string, PackRequest>();
  if (value === undefined) return requests;
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw wrong("denizen.packs", value, "packs by name");
  }
  for (const [name, entry] of Object.entries(value)) {
    requests.set(name, parseEntry(`denizen.packs.${name}`, entry, folder));
  }
  return requests;
}

function parseEntry(where: string, entry: unknown, folder: string): PackRequest {
  const fields = typeof entry === "string" ? { path: entry } : entry;
  if (typeof fields !== "object" || fields === null || Array.isArray(fields)) {
    throw wrong(where, entry, "a path, or an object with one");
  }
  for (const [field, value] of Object.entries(fields)) {
    if (!Object.hasOwn(FIELDS, field)) {
      throw wrong(`${where}.${field}`, value, `one of ${Object.keys(FIELDS).join(", ")}`);
    }
    const [fits, fix] = FIELDS[field as keyof PackRequest];
    if (!fits(value)) throw wrong(`${where}.${field}`, value, fix);
  }
  const request = fields as PackRequest;
  if (request.path === undefined) throw wrong(`${where}.path`, undefined, "a path");
  return { ...request, path: isAbsolute(request.path) ? request.path : join(folder, request.path) };
}
