import assert from "node:assert/strict";
import { isWasm, libraryHeader, whyNotHere } from "./library_header.ts";

function library(write: (view: DataView) => void, size = 256): Uint8Array {
  const bytes = new Uint8Array(size);
  write(new DataView(bytes.buffer));
  return bytes;
}

const elf = (machine: number, bits = 2) =>
  library((view) => {
    view.setUint32(0, 0x7f454c46);
    view.setUint8(4, bits);
    view.setUint16(18, machine, true);
  });

const machO = (processor: number) =>
  library((view) => {
    view.setUint32(0, 0xfeedfacf, true);
    view.setUint32(4, processor, true);
  });

const pe = (machine: number, at = 128) =>
  library((view) => {
    view.setUint16(0, 0x5a4d, true);
    view.setUint32(0x3c, at, true);
    if (at > 240) return;
    view.setUint32(at, 0x4550, true);
    view.setUint16(at + 4, machine, true);
  });

Deno.test("a library's system and processor are read from its first bytes", () => {
  assert.deepEqual(libraryHeader(elf(0x3e)), { os: "linux", arch: "x86_64" });
  assert.deepEqual(libraryHeader(elf(0xb7)), { os: "linux", arch: "aarch64" });
  assert.deepEqual(libraryHeader(machO(0x01000007)), { os: "darwin", arch: "x86_64" });
  assert.deepEqual(libraryHeader(machO(0x0100000c)), { os: "darwin", arch: "aarch64" });
  assert.deepEqual(libraryHeader(pe(0x8664)), { os: "windows", arch: "x86_64" });
  assert.deepEqual(libraryHeader(pe(0xaa64)), { os: "windows", arch: "aarch64" });
});

Deno.test("a processor that Deno does not run on is another one", () => {
  const others = [elf(0x28), elf(0x3e, 1), elf(0xf3), machO(7), pe(0x14c)];
  for (const bytes of others) {
    const header = libraryHeader(bytes)!;
    assert.equal(header.arch, undefined);
    assert.match(whyNotHere(header)!, /on another processor: this is/);
  }
});

Deno.test("a file that is not a library, or is truncated, has no header", () => {
  const none = [
    new Uint8Array(),
    elf(0x3e).subarray(0, 63),
    new Uint8Array(256),
    pe(0x8664, 0xffff_fff0),
    pe(0x8664, 252),
    library((view) => view.setUint16(0, 0x5a4d, true)),
    library((view) => view.setUint32(0, 0xcafebabe)),
  ];
  for (const bytes of none) assert.equal(libraryHeader(bytes), undefined);
  assert.equal(isWasm(new Uint8Array([0, 0x61, 0x73, 0x6d])), true);
  assert.equal(isWasm(elf(0x3e)), false);
});

Deno.test("only a library for this system and this processor may be opened here", () => {
  for (const os of ["linux", "darwin", "windows"] as const) {
    for (const arch of ["x86_64", "aarch64"] as const) {
      const fits = os === Deno.build.os && arch === Deno.build.arch;
      assert.equal(whyNotHere({ os, arch }) === undefined, fits, `${os} ${arch}`);
    }
  }
});
