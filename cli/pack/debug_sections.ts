/** Removes debug symbols from WebAssembly modules. */

const DEBUG_SECTION = /^(name$|producers$|sourceMappingURL$|external_debug_info$|\.debug_|reloc\.)/;
const HEADER_SIZE = 8;
const CUSTOM_SECTION = 0;

/** Removes the custom sections that only debuggers read. Returns a damaged module unchanged. */
export function withoutDebugSections(module: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
  const kept: Uint8Array[] = [module.subarray(0, HEADER_SIZE)];
  for (let at = HEADER_SIZE; at < module.length;) {
    const size = readLength(module, at + 1);
    const end = size && size.next + size.value;
    if (!end || end > module.length) return module;
    if (module[at] !== CUSTOM_SECTION || !isDebugSection(module, size.next, end)) {
      kept.push(module.subarray(at, end));
    }
    at = end;
  }
  const bytes = new Uint8Array(kept.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of kept) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}

function isDebugSection(module: Uint8Array, from: number, end: number): boolean {
  const length = readLength(module, from);
  if (!length || length.next + length.value > end) return false;
  return DEBUG_SECTION.test(
    new TextDecoder().decode(module.subarray(length.next, length.next + length.value)),
  );
}

/** A LEB128 number of up to 32 bits. */
function readLength(bytes: Uint8Array, at: number): { value: number; next: number } | undefined {
  let value = 0;
  for (let index = 0; index < 5 && at + index < bytes.length; index++) {
    const byte = bytes[at + index]!;
    value += (byte & 0x7f) * 2 ** (7 * index);
    if (byte < 0x80) return { value, next: at + index + 1 };
  }
  return undefined;
}
