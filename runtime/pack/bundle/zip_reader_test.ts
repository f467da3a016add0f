import assert from "node:assert/strict";
import { DenizenError } from "../../errors.ts";
import { PACK_BUNDLE_ENTRIES_MAX, PACK_FILE_BYTES_MAX } from "../../limits.ts";
import { isZip, ZipReader } from "./zip_reader.ts";
import { writeZip, type ZipMethod } from "./zip_writer.ts";

const text = (value: string) => new TextEncoder().encode(value);
const long = text("a durable process ".repeat(500));

function refused(body: () => unknown, pattern: RegExp): void {
  assert.throws(body, (error: unknown) => {
    assert.ok(error instanceof DenizenError, String(error));
    assert.equal(error.code, "pack_unreadable");
    assert.match(error.message, pattern);
    return true;
  });
}

/** A copy with one number of the first directory entry changed. */
function withEntry(archive: Uint8Array, change: (view: DataView, entry: number) => void): Uint8Array {
  const copy = archive.slice();
  const view = new DataView(copy.buffer);
  change(view, view.getUint32(copy.length - 22 + 16, true));
  return copy;
}

for (const method of ["stored", "deflate", "zstd"] as const satisfies ZipMethod[]) {
  Deno.test(`files come back as they were put in: ${method}`, () => {
    const archive = writeZip(
      [["manifest.json", text("{}")], ["wasm/ä.wasm", long], ["empty", text("")]],
      method,
    );
    assert.ok(isZip(archive));
    const zip = new ZipReader(archive);
    assert.deepEqual(zip.names, ["manifest.json", "wasm/ä.wasm", "empty"]);
    assert.deepEqual(zip.read("wasm/ä.wasm"), long);
    assert.deepEqual(zip.read("empty"), text(""));
    assert.ok(zip.has("empty"));
    refused(() => zip.read("other"), /has no other/);
  });

  Deno.test(`a bomb is refused before it is unpacked: ${method}`, () => {
    const archive = writeZip([["a", new Uint8Array(5_000_000)]], method);
    const liar = withEntry(archive, (view, entry) => view.setUint32(entry + 24, 100, true));
    refused(() => new ZipReader(liar).read("a"), /100/);
    const honest = withEntry(archive, (view, entry) => view.setUint32(entry + 24, 0x7fffffff, true));
    refused(() => new ZipReader(honest), /PACK_UNPACKED_BYTES_MAX/);
  });

  Deno.test(`a changed byte is found by the checksum: ${method}`, () => {
    const archive = writeZip([["a", text("some text that is not too short")]], method);
    archive[30 + 1 + 15]! ^= 1;
    refused(() => new ZipReader(archive).read("a"), /checksum|unpack/);
  });
}

Deno.test("a name that leads out of the archive is refused", () => {
  for (
    const name of [
      "../evil",
      "/etc/passwd",
      "lib/../../evil",
      "a//b",
      "./a",
      "C:evil",
      "a\\..\\b",
      "a\0b",
      "a\u0085b",
      "a\u202eb",
      "",
    ]
  ) {
    refused(() => new ZipReader(writeZip([[name, text("x")]])), /leads out/);
  }
});

Deno.test("two files of one name are refused", () => {
  refused(() => new ZipReader(writeZip([["a", text("x")], ["a", text("y")]])), /two files of one name: a/);
});

Deno.test("an archive with too many files is refused", () => {
  const files = Array.from(
    { length: PACK_BUNDLE_ENTRIES_MAX + 1 },
    (_, index) => [`${index}`, text("")] as const,
  );
  refused(() => new ZipReader(writeZip(files)), /PACK_BUNDLE_ENTRIES_MAX/);
});

Deno.test("an archive that is cut off anywhere is refused", () => {
  const archive = writeZip([["a", text("first")], ["b", text("second")]], "stored");
  for (let length = 0; length < archive.length; length++) {
    refused(() => new ZipReader(archive.subarray(0, length)).read("a"), /Cannot read/);
  }
});

Deno.test("an archive with any byte changed is read, or refused, and nothing else", () => {
  const archive = writeZip([["a", long], ["b/c", text("second")]]);
  for (let at = 0; at < archive.length; at++) {
    for (const value of [0, 0x7f, 0xff]) {
      const copy = archive.slice();
      copy[at] = value;
      try {
        const zip = new ZipReader(copy);
        for (const name of zip.names) zip.read(name);
      } catch (error) {
        assert.ok(error instanceof DenizenError && error.code === "pack_unreadable", String(error));
      }
    }
  }
});

Deno.test("an encrypted file and an unknown method are refused", () => {
  const archive = writeZip([["a", text("x")]], "stored");
  refused(
    () => new ZipReader(withEntry(archive, (view, entry) => view.setUint16(entry + 8, 1, true))),
    /encrypted/,
  );
  const odd = withEntry(archive, (view, entry) => view.setUint16(entry + 10, 12, true));
  refused(() => new ZipReader(odd).read("a"), /unknown method: 12/);
});

Deno.test("a zip64 archive is refused, whichever of its fields says that it is one", () => {
  const archive = writeZip([["a", text("x")]], "stored"), end = archive.length - 22;
  const changes: ((view: DataView, entry: number) => void)[] = [
    (view) => view.setUint16(end + 10, 0xffff, true),
    (view) => view.setUint32(end + 16, 0xffffffff, true),
    (view, entry) => view.setUint32(entry + 24, 0xffffffff, true),
    (view, entry) => view.setUint32(entry + 20, 0xffffffff, true),
    (view, entry) => view.setUint32(entry + 42, 0xffffffff, true),
  ];
  for (const change of changes) {
    refused(
      () => new ZipReader(withEntry(archive, change)).read("a"),
      /zip64|PACK_UNPACKED_BYTES_MAX|cut off/,
    );
  }
});

Deno.test("a file that says it has more than it may is not unpacked", () => {
  const archive = writeZip([["a", new Uint8Array(5_000)]]);
  const packed = withEntry(archive, (view, entry) => view.setUint32(entry + 16, 0, true));
  refused(() => new ZipReader(packed).read("a", 4_999), /a has more than 4999 bytes: 5000/);
  const huge = withEntry(archive, (view, entry) => view.setUint32(entry + 24, PACK_FILE_BYTES_MAX + 1, true));
  refused(() => new ZipReader(huge).read("a"), /a has more than/);
});

Deno.test("names that differ only in bytes that are no UTF-8 are two files of one name", () => {
  const archive = writeZip([["a1", text("x")], ["a2", text("y")]], "stored");
  for (let at = 0; at < archive.length - 1; at++) {
    const [first, second] = archive.subarray(at, at + 2);
    if (first === 0x61 && (second === 0x31 || second === 0x32)) archive[at + 1] = second + 0xc0;
  }
  refused(() => new ZipReader(archive), /two files of one name: a\ufffd/);
});
