/**
 * The operands of each WebAssembly instruction, so that code can be read from one instruction to the next.
 */
import { DenizenError } from "../../errors.ts";
import type { Cursor } from "./module_sections.ts";

export const OPCODE = {
  unreachable: 0x00,
  nop: 0x01,
  block: 0x02,
  loop: 0x03,
  if: 0x04,
  else: 0x05,
  try: 0x06,
  catch: 0x07,
  throw: 0x08,
  rethrow: 0x09,
  end: 0x0b,
  branch: 0x0c,
  branchIf: 0x0d,
  branchTable: 0x0e,
  return: 0x0f,
  call: 0x10,
  callIndirect: 0x11,
  returnCall: 0x12,
  returnCallIndirect: 0x13,
  delegate: 0x18,
  catchAll: 0x19,
  drop: 0x1a,
  select: 0x1b,
  selectTyped: 0x1c,
  localGet: 0x20,
  globalGet: 0x23,
  globalSet: 0x24,
  tableSet: 0x26,
  i32Load: 0x28,
  i64Store32: 0x3e,
  memorySize: 0x3f,
  memoryGrow: 0x40,
  i32Const: 0x41,
  i64Const: 0x42,
  f32Const: 0x43,
  f64Const: 0x44,
  i32IsZero: 0x45,
  /** Signed. */
  i32LessOrEqual: 0x4c,
  i32Sub: 0x6b,
  i64Extend32: 0xc4,
  referenceNull: 0xd0,
  referenceIsNull: 0xd1,
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
  // Comparisons, arithmetic and conversions; then the getting and setting of locals, globals and table
  // entries.
  if (opcode >= OPCODE.i32IsZero && opcode <= OPCODE.i64Extend32) return 0;
  if (opcode >= OPCODE.localGet && opcode <= OPCODE.tableSet) return 1;
  switch (opcode) {
    case OPCODE.unreachable:
    case OPCODE.nop:
    case OPCODE.else:
    case OPCODE.end:
    case OPCODE.return:
    case OPCODE.catchAll:
    case OPCODE.drop:
    case OPCODE.select:
    case OPCODE.referenceIsNull:
      return 0;
    case OPCODE.block:
    case OPCODE.loop:
    case OPCODE.if:
    case OPCODE.try:
    case OPCODE.catch:
    case OPCODE.throw:
    case OPCODE.rethrow:
    case OPCODE.branch:
    case OPCODE.branchIf:
    case OPCODE.call:
    case OPCODE.returnCall:
    case OPCODE.delegate:
    case OPCODE.memorySize:
    case OPCODE.memoryGrow:
    case OPCODE.i32Const:
    case OPCODE.i64Const:
    case OPCODE.referenceNull:
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
  if (opcode >= OPCODE.i32Load && opcode <= OPCODE.i64Store32) return readMemoryPlace(cursor);
  switch (opcode) {
    case OPCODE.branchTable:
      return cursor.skipNumbers(cursor.number() + 1);
    case OPCODE.selectTyped:
      return cursor.skip(cursor.number());
    case OPCODE.f32Const:
      return cursor.skip(4);
    case OPCODE.f64Const:
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
