/**
 * Makes a WebAssembly module stoppable from another thread. Deno does not terminate a worker whose code
 * never returns, so the code is rewritten to check periodically whether it must stop.
 *
 * I1. Every loop, every call of a function that calls others, every tail call and every instruction that
 * copies or fills takes from a count of its own; when the count reaches zero, the module calls the guard,
 * which throws if it must stop. Nothing else in a module can run endlessly.
 * I2. The result of the code does not change: the inserted code leaves the stack and the module's own
 * variables as they were.
 * I3. An unknown instruction is refused, because the code after it could not be read.
 */
import { DenizenError } from "../../errors.ts";
import { PACK_STEPS_UNTIL_GUARD } from "../../limits.ts";
import { OPCODE, readInstruction } from "./instructions.ts";
import { EXTERNAL, MUTABLE, SECTION, SECTION_ORDER, TYPE, VALUE_TYPES } from "./module_format.ts";
import { Cursor, HEADER_SIZE, type Section, sectionsOf } from "./module_sections.ts";
import { ModuleWriter } from "./module_writer.ts";

type Bytes = Uint8Array<ArrayBuffer>;

/** The import of a guarded module: a function without arguments that throws if the module must stop. */
export const GUARD = { module: "denizen", name: "guard" } as const;

/** An instruction that copies or fills counts as so many steps. */
const BULK_STEPS = 1_000;

/**
 * The module with a guard.
 *
 * @throws {DenizenError} `pack_incompatible` for code that cannot be guarded, `pack_unreadable` if it is
 * truncated.
 */
export function guardLoops(module: Bytes): Bytes {
  const sections = [...sectionsOf(module)].filter(({ id }) => id !== SECTION.custom);
  if (!sections.some(({ id }) => id === SECTION.code)) return module;
  return new Guarding(module, sections).write();
}

class Guarding {
  readonly #module: Bytes;
  readonly #sections: readonly Section[];
  /** The index of the guard, after the other imported functions; the module's own functions shift by one. */
  #guard = 0;
  /** The index of the count, after the other variables. */
  #count = 0;
  #guardType = 0;

  constructor(module: Bytes, sections: readonly Section[]) {
    this.#module = module;
    this.#sections = sections;
  }

  write(): Bytes {
    const out = new ModuleWriter(2 * this.#module.length);
    out.bytes(this.#module.subarray(0, HEADER_SIZE));
    const written = new Map<number, ModuleWriter>();
    // Earlier sections give the indexes that later ones need.
    for (const id of [SECTION.type, SECTION.import, SECTION.global]) written.set(id, this.#extended(id));
    for (const section of this.#sections) {
      if (!written.has(section.id)) written.set(section.id, this.#rewritten(section));
    }
    for (const id of SECTION_ORDER) {
      const content = written.get(id);
      if (!content) continue;
      out.byte(id);
      out.sized(content);
    }
    return out.written;
  }

  /** Adds an entry to the list of a section that may be missing. */
  #extended(id: number): ModuleWriter {
    const section = this.#sections.find((section) => section.id === id);
    const cursor = new Cursor(this.#module, section?.content ?? 0);
    const count = section ? cursor.number() : 0;
    const entries = new ModuleWriter(section ? section.end - section.content : 0);
    if (id === SECTION.type) this.#extendTypes(entries, cursor, count, section);
    else if (id === SECTION.import) this.#extendImports(entries, cursor, count);
    else this.#extendGlobals(entries, cursor, count);
    const out = new ModuleWriter(entries.written.length + 8);
    out.number(count + 1);
    out.bytes(entries.written);
    return out;
  }

  #extendTypes(out: ModuleWriter, cursor: Cursor, count: number, section: Section | undefined): void {
    if (section) out.bytes(this.#module.subarray(cursor.at, section.end));
    this.#guardType = count;
    out.bytes([TYPE.function, 0, 0]);
  }

  #extendImports(out: ModuleWriter, cursor: Cursor, count: number): void {
    const start = cursor.at;
    for (let left = count; left > 0; left--) {
      for (let name = 0; name < 2; name++) cursor.skip(cursor.number());
      const kind = cursor.byte();
      if (kind > EXTERNAL.global) throw refuse(`it imports what this host does not know: kind ${kind}`);
      if (kind === EXTERNAL.function) {
        cursor.skipNumbers(1);
        this.#guard++;
      } else if (kind === EXTERNAL.global) {
        cursor.skip(2);
        this.#count++;
      } else {
        if (kind === EXTERNAL.table) cursor.skip(1);
        const flags = cursor.number();
        cursor.skipNumbers(flags & 1 ? 2 : 1);
      }
    }
    out.bytes(this.#module.subarray(start, cursor.at));
    for (const name of [GUARD.module, GUARD.name]) {
      out.number(name.length);
      out.bytes(new TextEncoder().encode(name));
    }
    out.byte(EXTERNAL.function);
    out.number(this.#guardType);
  }

  #extendGlobals(out: ModuleWriter, cursor: Cursor, count: number): void {
    for (let left = count; left > 0; left--) {
      out.bytes([cursor.byte(), cursor.byte()]);
      this.#copyExpression(out, cursor);
    }
    this.#count += count;
    out.bytes([TYPE.i32, MUTABLE, OPCODE.i32Const, ...signed(PACK_STEPS_UNTIL_GUARD), OPCODE.end]);
  }

  #rewritten({ id, content, end }: Section): ModuleWriter {
    const cursor = new Cursor(this.#module, content);
    const out = new ModuleWriter(2 * (end - content));
    if (id === SECTION.export) this.#rewriteExports(out, cursor);
    else if (id === SECTION.start) out.number(this.#moved(cursor.number()));
    else if (id === SECTION.element) this.#rewriteElements(out, cursor);
    else if (id === SECTION.code) this.#rewriteCode(out, cursor);
    else out.bytes(this.#module.subarray(content, end));
    return out;
  }

  #rewriteExports(out: ModuleWriter, cursor: Cursor): void {
    const count = cursor.number();
    out.number(count);
    for (let left = count; left > 0; left--) {
      const start = cursor.at;
      cursor.skip(cursor.number());
      const kind = cursor.byte();
      out.bytes(this.#module.subarray(start, cursor.at));
      const index = cursor.number();
      out.number(kind === EXTERNAL.function ? this.#moved(index) : index);
    }
  }

  /**
   * The bits of an entry's flags: not placed in a table, with an explicit table index, with expressions
   * instead of indexes.
   */
  #rewriteElements(out: ModuleWriter, cursor: Cursor): void {
    const count = cursor.number();
    out.number(count);
    for (let left = count; left > 0; left--) {
      const flags = cursor.number();
      if (flags > 7) {
        throw refuse(`a list of its functions has a form that this host does not know: ${flags}`);
      }
      out.number(flags);
      const isPlaced = (flags & 1) === 0, hasNumber = (flags & 2) !== 0, hasExpressions = (flags & 4) !== 0;
      if (isPlaced && hasNumber) out.number(cursor.number());
      if (isPlaced) this.#copyExpression(out, cursor);
      if (!isPlaced || hasNumber) out.byte(cursor.byte());
      const items = cursor.number();
      out.number(items);
      for (let item = items; item > 0; item--) {
        if (hasExpressions) this.#copyExpression(out, cursor);
        else out.number(this.#moved(cursor.number()));
      }
    }
  }

  #rewriteCode(out: ModuleWriter, cursor: Cursor): void {
    const count = cursor.number();
    out.number(count);
    for (let left = count; left > 0; left--) {
      const size = cursor.number(), end = cursor.at + size, start = cursor.at;
      for (let groups = cursor.number(); groups > 0; groups--) {
        cursor.skipNumbers(1);
        const type = cursor.byte();
        if (!VALUE_TYPES.includes(type)) {
          throw refuse(`a variable is of a type that this host does not know: ${type}`);
        }
      }
      const code = new ModuleWriter(2 * size);
      const locals = this.#module.subarray(start, cursor.at);
      const calls = this.#copyExpression(code, cursor, true);
      if (cursor.at !== end) throw refuse("a function of it does not end where it says");
      const body = new ModuleWriter(code.written.length + locals.length + 32);
      body.bytes(locals);
      if (calls) this.#writeGuard(body, 1);
      body.bytes(code.written);
      out.sized(body);
    }
  }

  /**
   * Reads to the end of the function. With `guarded`, everything that can run long is guarded. Returns
   * whether it calls functions.
   */
  #copyExpression(out: ModuleWriter, cursor: Cursor, guarded = false): boolean {
    let depth = 0, calls = false;
    for (;;) {
      const { opcode, isBulk, start, operands } = readInstruction(cursor);
      const isTailCall = opcode === OPCODE.returnCall || opcode === OPCODE.returnCallIndirect;
      if (guarded && (isTailCall || isBulk)) this.#writeGuard(out, isBulk ? BULK_STEPS : 1);
      if (opcode === OPCODE.call || opcode === OPCODE.returnCall || opcode === OPCODE.functionReference) {
        out.byte(opcode);
        out.number(this.#moved(new Cursor(this.#module, operands).number()));
      } else out.bytes(this.#module.subarray(start, cursor.at));
      if (guarded && opcode === OPCODE.loop) this.#writeGuard(out, 1);
      calls ||= opcode === OPCODE.call || opcode === OPCODE.callIndirect;
      if (opcode >= OPCODE.block && opcode <= OPCODE.if || opcode === OPCODE.try) depth++;
      else if (opcode === OPCODE.delegate) depth--;
      else if (opcode === OPCODE.end && depth-- === 0) return calls;
    }
  }

  /** Subtracts `steps` from the count; at zero, calls the guard and resets the count. */
  #writeGuard(out: ModuleWriter, steps: number): void {
    const getCount = () => {
      out.byte(OPCODE.globalGet);
      out.number(this.#count);
    };
    const setCount = () => {
      out.byte(OPCODE.globalSet);
      out.number(this.#count);
    };
    getCount();
    out.bytes([OPCODE.i32Const, ...signed(steps), OPCODE.i32Sub]);
    setCount();
    getCount();
    out.bytes([OPCODE.i32Const, 0, OPCODE.i32LessOrEqual, OPCODE.if, TYPE.emptyBlock]);
    out.byte(OPCODE.call);
    out.number(this.#guard);
    out.bytes([OPCODE.i32Const, ...signed(PACK_STEPS_UNTIL_GUARD)]);
    setCount();
    out.byte(OPCODE.end);
  }

  #moved(index: number): number {
    return index < this.#guard ? index : index + 1;
  }
}

function refuse(reason: string): DenizenError {
  return new DenizenError("pack_incompatible", `Cannot load the pack as ${reason}`);
}

/** A signed number of the format; this one is not negative. */
function signed(value: number): number[] {
  const bytes: number[] = [];
  for (; value >= 0x40; value >>= 7) bytes.push(value & 0x7f | 0x80);
  return [...bytes, value];
}
