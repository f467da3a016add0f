/**
 * Bounds the memory of a WebAssembly module before it is compiled: the module's own declarations get a
 * maximum, so that the engine refuses to grow further and the pack's allocations fail, on every carrier.
 *
 * I1. A module holds memory in its linear memory and in its tables, both bounded here, and nowhere else: one
 * whose types name objects of the engine's heap (structs, arrays, exceptions as values) is refused, as
 * nothing bounds those.
 */
import { DenizenError } from "../../errors.ts";
import { PACK_TABLE_ENTRIES_MAX } from "../../limits.ts";
import { LIMITS, REFERENCE_TYPES, SECTION, TYPE, VALUE_TYPES } from "./module_format.ts";
import { Cursor, encodeNumber, encodeSection, sectionsOf } from "./module_sections.ts";

const PAGE_SIZE = 64 * 1024;

type Bytes = Uint8Array<ArrayBuffer>;

function refuse(reason: string): DenizenError {
  return new DenizenError("pack_incompatible", `Cannot load the pack as ${reason}`);
}

/**
 * The module with at most `bytesMax` of memory, and with tables of at most `PACK_TABLE_ENTRIES_MAX` entries.
 *
 * @throws {DenizenError} `pack_incompatible` if it starts with more, or can use unbounded memory;
 * `pack_unreadable` if it is truncated.
 */
export function capMemory(module: Bytes, bytesMax: number): Bytes {
  const parts: (Bytes | number[])[] = [];
  let copied = 0;
  for (const { id, start, content, end } of sectionsOf(module)) {
    const cursor = new Cursor(module, content);
    if (id === SECTION.type) checkTypes(cursor);
    const capped = id === SECTION.table
      ? cappedTables(cursor)
      : id === SECTION.memory
      ? cappedMemory(cursor, bytesMax)
      : undefined;
    if (!capped) continue;
    parts.push(module.subarray(copied, start), capped);
    copied = end;
  }
  return parts.length === 0 ? module : joined([...parts, module.subarray(copied)]);
}

function checkTypes(cursor: Cursor): void {
  for (let left = cursor.number(); left > 0; left--) {
    const form = cursor.byte();
    let known = form === TYPE.function;
    for (let list = 0; known && list < 2; list++) {
      for (let values = cursor.number(); known && values > 0; values--) {
        known = VALUE_TYPES.includes(cursor.byte());
      }
    }
    if (!known) throw refuse("its types hold objects, whose memory nothing bounds");
  }
}

function cappedTables(cursor: Cursor): number[] {
  const count = cursor.number();
  const content = encodeNumber(count);
  let entries = 0;
  for (let left = count; left > 0; left--) {
    const type = cursor.byte(), flags = cursor.number();
    if (!REFERENCE_TYPES.includes(type)) {
      throw refuse("a table of it is of a kind that this host does not know");
    }
    if (flags & LIMITS.is64) throw refuse("a table of it is 64-bit");
    const initial = cursor.number();
    const own = flags & LIMITS.hasMaximum ? cursor.number() : Infinity;
    entries += initial;
    if (entries > PACK_TABLE_ENTRIES_MAX) {
      throw refuse(
        `its tables start with more than ${PACK_TABLE_ENTRIES_MAX} entries (PACK_TABLE_ENTRIES_MAX): ${entries}`,
      );
    }
    const share = Math.max(initial, Math.floor(PACK_TABLE_ENTRIES_MAX / count));
    content.push(type, LIMITS.hasMaximum, ...encodeNumber(initial), ...encodeNumber(Math.min(own, share)));
  }
  return encodeSection(SECTION.table, content);
}

function cappedMemory(cursor: Cursor, bytesMax: number): number[] | undefined {
  const count = cursor.number();
  if (count === 0) return undefined;
  if (count > 1) throw refuse(`it has more than one memory: ${count}`);
  const flags = cursor.number();
  if (flags & LIMITS.is64) throw refuse("its memory is 64-bit");
  if (flags & LIMITS.shared) throw refuse("its memory is shared between threads, of which it has one");
  const initial = cursor.number();
  const pagesMax = Math.floor(bytesMax / PAGE_SIZE);
  if (initial > pagesMax) {
    throw refuse(
      `it starts with more memory than memoryBytesMax: ${initial * PAGE_SIZE} of ${bytesMax} bytes`,
    );
  }
  const maximum = flags & LIMITS.hasMaximum ? Math.min(cursor.number(), pagesMax) : pagesMax;
  const limits = [...encodeNumber(initial), ...encodeNumber(maximum)];
  return encodeSection(SECTION.memory, [1, LIMITS.hasMaximum, ...limits]);
}

function joined(parts: readonly (Bytes | readonly number[])[]): Bytes {
  const bytes = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}
