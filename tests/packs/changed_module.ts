/** Changes WebAssembly modules in ways that no available compiler does. */
import assert from "node:assert/strict";
import {
  Cursor,
  encodeNumber,
  encodeSection,
  sectionsOf,
} from "../../runtime/pack/sandbox/module_sections.ts";

type Bytes = Uint8Array<ArrayBuffer>;

const TYPE = 1, IMPORT = 2, EXPORT = 7, START = 8, CODE = 10, TAG = 13;
/** The order of sections. */
const ORDER = [TYPE, IMPORT, 3, 4, 5, TAG, 6, EXPORT, START, 9, 12, CODE, 11];

function content(module: Bytes, id: number): Bytes {
  const section = [...sectionsOf(module)].find((section) => section.id === id);
  assert.ok(section, `the module has no section ${id}`);
  return module.slice(section.content, section.end);
}

/** Replaces that section, or inserts it where it belongs. */
function withSection(module: Bytes, id: number, bytes: readonly number[]): Bytes {
  const sections = [...sectionsOf(module)].filter((section) => section.id !== 0);
  const behind = sections.find((section) => ORDER.indexOf(section.id) >= ORDER.indexOf(id))!;
  const rest = behind.id === id ? behind.end : behind.start;
  return new Uint8Array([
    ...module.subarray(0, behind.start),
    ...encodeSection(id, bytes),
    ...module.subarray(rest),
  ]);
}

function exportedFunction(module: Bytes, name: string): number {
  const cursor = new Cursor(content(module, EXPORT), 0);
  for (let left = cursor.number(); left > 0; left--) {
    const length = cursor.number(), found = cursor.bytes.subarray(cursor.at, cursor.at += length);
    const kind = cursor.byte(), index = cursor.number();
    if (kind === 0 && new TextDecoder().decode(found) === name) return index;
  }
  throw new Error(`The module does not export ${name}`);
}

/** Makes the module call one of its exports as soon as it is instantiated. */
export function startingWith(module: Bytes, name: string): Bytes {
  return withSection(module, START, encodeNumber(exportedFunction(module, name)));
}

/** Makes an export of the module throw an exception, which is not a trap. */
export function throwingIn(module: Bytes, name: string): Bytes {
  const types = [...content(module, TYPE)];
  const [count] = types;
  const tagged = withSection(module, TYPE, [count! + 1, ...types.slice(1), 0x60, 0, 0]);
  const imports = WebAssembly.Module.imports(new WebAssembly.Module(module)).length;
  const changed = exportedFunction(module, name) - imports;
  const cursor = new Cursor(content(module, CODE), 0), functions = cursor.number();
  const code = encodeNumber(functions);
  for (let index = 0; index < functions; index++) {
    const length = cursor.number(), body = cursor.bytes.subarray(cursor.at, cursor.at += length);
    const throwing = [0, 0x08, 0, 0x0b];
    for (
      const byte of index === changed ? [throwing.length, ...throwing] : [...encodeNumber(length), ...body]
    ) {
      code.push(byte);
    }
  }
  return withSection(withSection(tagged, TAG, [1, 0, count!]), CODE, code);
}
