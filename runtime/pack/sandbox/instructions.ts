/**
 * The operands of each WebAssembly instruction, so that code can be read from one instruction to the next.
 */
import { DenizenError } from "../../errors.ts";
import type { Cursor } from "./module_sections.ts";

export const OPCODE = {
  block: 0x02,
  loop: 0x03,
  if: 0x04,
  try: 0x06,
  end: 0x0b,
  call: 0x10,
  callIndirect: 0x11,
  returnCall: 0x12,
  returnCallIndirect: 0x13,
  delegate: 0x18,
  functionReference: 0xd2,
} as const;

/** The first byte of instructions with a second opcode. */
const PREFIX = { bulk: 0xfc, vector: 0xfd, atomic: 0xfe } as const;

interface Instruction {
  readonly opcode: number;
  /** Whether the instruction may take long: it copies or fills any number of bytes or entries. */
  readonly isBulk: boolean;
  /** Of its opcode, from the start of the module. */
  readonly start: number;
  /** After the opcode. */
  readonly operands: number;
}

function unknown(opcode: number, sub?: number): DenizenError {
  const name = `0x${opcode.toString(16)}${sub === undefined ? "" : ` 0x${sub.toString(16)}`}`;
  return new DenizenError(
    "pack_incompatible",
    `Cannot load the pack as it uses an instruction that this host does not know: ${name}`,
  );
}

/**
 * Reads one instruction and moves the cursor past it.
 *
 * @throws {DenizenError} `pack_incompatible` for an unknown one, `pack_unreadable` if the code is truncated.
 */
export function readInstruction(cursor: Cursor): Instruction {
  const start = cursor.at, opcode = cursor.byte(), operands = cursor.at;
  let isBulk = false;
  if (opcode === PREFIX.bulk) isBulk = readBulk(cursor);
  else if (opcode === PREFIX.vector) readVector(cursor);
  else if (opcode === PREFIX.atomic) readAtomic(cursor);
  else readPlain(cursor, opcode);
  return { opcode, isBulk, start, operands };
}

/** The number of operands of instructions whose operands are plain numbers. */
function numbersBehind(opcode: number): number | undefined {
  if (opcode >= 0x45 && opcode <= 0xc4) return 0;
  if (opcode >= 0x20 && opcode <= 0x26) return 1;
  switch (opcode) {
    case 0x00: // unreachable
    case 0x01: // nop
    case 0x05: // else
    case OPCODE.end:
    case 0x0f: // return
    case 0x19: // catch_all
    case 0x1a: // drop
    case 0x1b: // select
    case 0xd1: // ref.is_null
      return 0;
    case OPCODE.block:
    case OPCODE.loop:
    case OPCODE.if:
    case OPCODE.try:
    case 0x07: // catch
    case 0x08: // throw
    case 0x09: // rethrow
    case 0x0c: // br
    case 0x0d: // br_if
    case OPCODE.call:
    case OPCODE.returnCall:
    case OPCODE.delegate:
    case 0x3f: // memory.size
    case 0x40: // memory.grow
    case 0x41: // i32.const
    case 0x42: // i64.const
    case 0xd0: // ref.null
    case OPCODE.functionReference:
      return 1;
    case OPCODE.callIndirect:
    case OPCODE.returnCallIndirect:
      return 2;
    default:
      return undefined;
  }
}

function readPlain(cursor: Cursor, opcode: number): void {
  const numbers = numbersBehind(opcode);
  if (numbers !== undefined) return cursor.skipNumbers(numbers);
  if (opcode >= 0x28 && opcode <= 0x3e) return readMemoryPlace(cursor);
  switch (opcode) {
    case 0x0e: // br_table
      return cursor.skipNumbers(cursor.number() + 1);
    case 0x1c: // select with types
      return cursor.skip(cursor.number());
    case 0x43: // f32.const
      return cursor.skip(4);
    case 0x44: // f64.const
      return cursor.skip(8);
    default:
      throw unknown(opcode);
  }
}

/** Returns whether it may take long. */
function readBulk(cursor: Cursor): boolean {
  const sub = cursor.number();
  if (sub > 17) throw unknown(PREFIX.bulk, sub);
  if (sub < 8) return false;
  const hasTwo = sub === 8 || sub === 10 || sub === 12 || sub === 14;
  cursor.skipNumbers(hasTwo ? 2 : 1);
  return true;
}

function readVector(cursor: Cursor): void {
  const sub = cursor.number();
  if (sub > 0x113) throw unknown(PREFIX.vector, sub);
  if (sub <= 11 || sub >= 84 && sub <= 93) readMemoryPlace(cursor);
  if (sub === 12 || sub === 13) cursor.skip(16);
  else if (sub >= 21 && sub <= 34 || sub >= 84 && sub <= 91) cursor.skip(1);
}

function readAtomic(cursor: Cursor): void {
  const sub = cursor.number();
  if (sub > 0x4e) throw unknown(PREFIX.atomic, sub);
  if (sub === 3) cursor.skip(1);
  else readMemoryPlace(cursor);
}

/** Alignment and offset; the index of the memory is present only if there are several. */
function readMemoryPlace(cursor: Cursor): void {
  const flags = cursor.number();
  cursor.skipNumbers(flags & 0x40 ? 2 : 1);
}
