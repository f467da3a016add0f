/**
 * The kind of a file according to its first bytes: a library, with its system and processor, or a
 * WebAssembly module.
 */

interface LibraryHeader {
  readonly os: "linux" | "darwin" | "windows";
  /** As `Deno.build.arch` has it; `undefined` for a processor that Deno does not run on. */
  readonly arch: "x86_64" | "aarch64" | undefined;
}

const ELF = 0x464c457f;
const MACH_O_64 = 0xfeedfacf;
const MZ = 0x5a4d;
const PE = 0x4550;

const ELF_MACHINES: Record<number, LibraryHeader["arch"]> = { 0x3e: "x86_64", 0xb7: "aarch64" };
const MACH_O_CPUS: Record<number, LibraryHeader["arch"]> = { 0x01000007: "x86_64", 0x0100000c: "aarch64" };
const PE_MACHINES: Record<number, LibraryHeader["arch"]> = { 0x8664: "x86_64", 0xaa64: "aarch64" };

export function isWasm(bytes: Uint8Array): boolean {
  return bytes[0] === 0 && bytes[1] === 0x61 && bytes[2] === 0x73 && bytes[3] === 0x6d;
}

/** `undefined` unless the file is a library. */
export function libraryHeader(bytes: Uint8Array): LibraryHeader | undefined {
  if (bytes.length < 64) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const magic = view.getUint32(0, true);
  if (magic === ELF) {
    const is64 = view.getUint8(4) === 2;
    return { os: "linux", arch: is64 ? ELF_MACHINES[view.getUint16(18, true)] : undefined };
  }
  if (magic === MACH_O_64) return { os: "darwin", arch: MACH_O_CPUS[view.getUint32(4, true)] };
  if (view.getUint16(0, true) !== MZ) return undefined;
  const at = view.getUint32(0x3c, true);
  if (at + 6 > bytes.length || view.getUint32(at, true) !== PE) return undefined;
  return { os: "windows", arch: PE_MACHINES[view.getUint16(at + 4, true)] };
}

/** Why this machine cannot open the library; `undefined` if its header matches. */
export function whyNotHere({ os, arch }: LibraryHeader): string | undefined {
  if (os === Deno.build.os && arch === Deno.build.arch) return undefined;
  return `it is built for ${os} on ${
    arch ?? "another processor"
  }: this is ${Deno.build.os} on ${Deno.build.arch}`;
}
