import assert from "node:assert/strict";
import { join } from "node:path";
import { DenizenError, type ErrorCode } from "../../errors.ts";
import { kvError, storageError } from "./errors.ts";

Deno.test("what SQLite and the system say becomes a code of the table", () => {
  const texts: [string, ErrorCode][] = [
    ["database or disk is full", "disk_full"],
    ["No space left on device (os error 28): write", "disk_full"],
    ["File too large (os error 27)", "disk_full"],
    ["Can not write to a read-only database.", "data_read_only"],
    ["attempt to write a readonly database", "data_read_only"],
    ["unable to open database file: x.kv", "data_read_only"],
    ["Permission denied (os error 13): open 'lock'", "data_read_only"],
    ["Read-only file system (os error 30)", "data_read_only"],
    ["file is not a database", "data_corrupt"],
    ["database disk image is malformed", "data_corrupt"],
    ["The value encoding 40 is unknown.", "data_corrupt"],
    ["database is locked", "data_locked"],
    ["Invalid check", "invalid_argument"],
    ["disk I/O error", "storage"],
    ["Database is closed.", "storage"],
  ];
  for (const [text, code] of texts) {
    const cause = new Error(text);
    const error = storageError("commit to", "state.kv", cause);
    assert.equal(error.code, code, text);
    assert.equal(error.cause, cause);
    assert.ok(
      error.message.startsWith("Cannot commit to state.kv as ") && error.message.endsWith(`: ${text}`),
    );
  }
});

Deno.test("an error of the table is passed on as it is", () => {
  const error = new DenizenError("data_locked", "Cannot");
  assert.equal(storageError("open", "state.kv", error), error);
});

Deno.test("an I/O error on a disk with room is not a full disk, and the probe leaves nothing behind", async () => {
  const folder = await Deno.makeTempDir();
  const error = await kvError("commit to", join(folder, "state.kv"), new Error("disk I/O error"));
  assert.equal(error.code, "storage");
  assert.deepEqual(await Array.fromAsync(Deno.readDir(folder)), []);
  await Deno.remove(folder, { recursive: true });
});

Deno.test("an error of a KV server is not taken for one of a file", () => {
  for (
    const [text, code] of [
      ["received corrupt message of type InvalidContentType", "storage"],
      ["the metadata endpoint at 'http://h/' responded with status 401 Unauthorized", "bad_option"],
      ["Missing DENO_KV_ACCESS_TOKEN environment variable", "bad_option"],
      ["client error (Connect): tcp connect error: Permission denied (os error 13)", "storage"],
    ] as const
  ) {
    assert.equal(storageError("open", "https://kv.example.com", new Error(text)).code, code, text);
  }
});
