/**
 * Addresses: `node@process:package:publisher`, with a key behind the first dot of the process, `our` for this
 * node.
 *
 * The textual form of a process without its node, such as `room.general:chat:me.os`, is its *id*: it is what
 * maps are keyed by, what storage keys are made of and what URLs carry.
 */
import { PACKAGE_NAME, PROCESS_NAME, PUBLISHER_NAME } from "@denizen/macro";
import { DenizenError } from "./errors.ts";
import { KEY_BYTES_MAX } from "./limits.ts";

export interface Address {
  /** `our` for this node. */
  readonly node: string;
  readonly process: string;
  /** Of a keyed process; plain text, not escaped. */
  readonly key?: string;
  readonly package: string;
  readonly publisher: string;
}

function fail(text: string, reason: string): never {
  throw new DenizenError("bad_address", `Cannot read an address as ${reason}: "${text}"`);
}

/**
 * Reads an address or an id (whose node is then `our`).
 *
 * @throws {DenizenError} `bad_address`, naming the part that is wrong.
 */
export function parseAddress(text: string): Address {
  const at = text.indexOf("@");
  if (text.indexOf("@", at + 1) !== -1) fail(text, 'it has more than one "@"');
  if (at === 0) fail(text, 'the node before "@" is empty');
  const parts = text.slice(at + 1).split(":");
  if (parts.length !== 3) {
    fail(text, `it has ${parts.length} parts where process:package:publisher has 3`);
  }
  const [unit, packageName, publisher] = parts as [string, string, string];
  const dot = unit.indexOf(".");
  const process = dot === -1 ? unit : unit.slice(0, dot);
  if (!PROCESS_NAME.pattern.test(process)) {
    fail(text, `the process is not lower-case letters, digits and "-": "${process}"`);
  }
  if (!PACKAGE_NAME.pattern.test(packageName)) {
    fail(text, `the package is not lower-case letters, digits and "-": "${packageName}"`);
  }
  if (!PUBLISHER_NAME.pattern.test(publisher)) {
    fail(text, `the publisher is not a dotted name: "${publisher}"`);
  }
  const node = at === -1 ? "our" : text.slice(0, at);
  if (dot === -1) return { node, process, package: packageName, publisher };
  const key = unescapeKey(text, unit.slice(dot + 1));
  return { node, process, key, package: packageName, publisher };
}

/** The id of a process: its address without the node. */
export function idOf({ process, key, package: packageName, publisher }: Omit<Address, "node">): string {
  const unit = key === undefined ? process : `${process}.${escapeKey(key)}`;
  return `${unit}:${packageName}:${publisher}`;
}

export function formatAddress(address: Address): string {
  return `${address.node}@${idOf(address)}`;
}

/** The address on this node of the process with that id. */
export function localAddress(id: string): string {
  return `our@${id}`;
}

/**
 * The id of one process of the keyed definition `id`: `room:chat:me.os` and `general` give
 * `room.general:chat:me.os`.
 */
export function keyedId(id: string, key: string): string {
  const colon = id.indexOf(":");
  return `${id.slice(0, colon)}.${escapeKey(key)}${id.slice(colon)}`;
}

const PLAIN_KEY = /^[A-Za-z0-9._~-]+$/;
const encoder = new TextEncoder();

/**
 * Keys may contain any text; characters with a meaning in addresses (`:`, `@`, `/`, `%`, …) are
 * percent-encoded.
 */
function escapeKey(key: string): string {
  if (key.length === 0) fail(key, "its key is empty");
  if (key.length > KEY_BYTES_MAX / 3 && encoder.encode(key).length > KEY_BYTES_MAX) {
    fail(`${key.slice(0, 32)}…`, `its key has more than ${KEY_BYTES_MAX} bytes (KEY_BYTES_MAX)`);
  }
  if (PLAIN_KEY.test(key)) return key;
  try {
    return encodeURIComponent(key);
  } catch (cause) {
    throw new DenizenError("bad_address", `Cannot use a key as it is not valid Unicode: "${key}"`, { cause });
  }
}

function unescapeKey(text: string, escaped: string): string {
  let key: string;
  try {
    key = decodeURIComponent(escaped);
  } catch (cause) {
    throw new DenizenError("bad_address", `Cannot read an address as its key is not encoded: "${text}"`, {
      cause,
    });
  }
  escapeKey(key);
  return key;
}
