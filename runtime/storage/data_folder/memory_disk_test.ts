/**
 * The data folder on a disk in memory: what a power failure at any moment leaves of it, and what a full disk
 * does.
 */
import assert from "node:assert/strict";
import { DenizenError } from "../../errors.ts";
import { MemoryDisk } from "../../testing/memory_disk.ts";
import { memoryStorage } from "../memory.ts";
import { DataFolder, type OpenDatabase } from "./data_folder.ts";
import { readNodeFile } from "./node_file.ts";
import { replaceFile } from "./replaced_file.ts";

const info = { pid: 4711, url: "http://127.0.0.1:8080", token: "secret", name: "our", started: 1 };

async function diskWith(files: Record<string, string>): Promise<MemoryDisk> {
  const disk = new MemoryDisk();
  await disk.mkdir("/data", { recursive: true, mode: 0o700 });
  for (const [path, text] of Object.entries(files)) await replaceFile(disk, path, text);
  return disk;
}

Deno.test("a file that is replaced is the old or the new one after a power failure at any moment, and new once that is said", async () => {
  let crashes = 0;
  for (let crashAfter = 1;; crashAfter++) {
    const disk = await diskWith({ "/data/a": "old" });
    disk.crashAfter = disk.changes + crashAfter;
    const said = await replaceFile(disk, "/data/a", "a longer new text").then(() => true, () => false);
    const crashed = disk.crashAfter === Infinity;
    if (!crashed) disk.crash();
    else crashes++;
    const text = await disk.readTextFile("/data/a");
    assert.ok(text === "a longer new text" || text === "old" && !said, `after change ${crashAfter}: ${text}`);
    await replaceFile(disk, "/data/a", "newer");
    assert.equal(await disk.readTextFile("/data/a"), "newer", "what was left of the draft is not in the way");
    assert.deepEqual(disk.list("/data"), ["/data/a"]);
    if (!crashed) break;
  }
  assert.ok(crashes >= 5, `every step was cut: ${crashes}`);
});

Deno.test("a replacement that fails leaves the old file and no draft", async () => {
  const disk = await diskWith({ "/data/a": "old" });
  disk.failChanges(1, new Error("no space left on device"));
  await assert.rejects(replaceFile(disk, "/data/a", "new"), /no space/);
  assert.deepEqual([disk.list("/data"), await disk.readTextFile("/data/a")], [["/data/a"], "old"]);
});

/** A machine that can lose its power: its disk, and the database on it. */
function machine(): { disk: MemoryDisk; opened: (boolean | undefined)[]; open(): Promise<DataFolder> } {
  const disk = new MemoryDisk();
  const opened: (boolean | undefined)[] = [];
  const openDatabase: OpenDatabase = (file, { isInUse }) => {
    assert.equal(file, "/srv/data/state.kv");
    opened.push(isInUse);
    return Promise.resolve(memoryStorage());
  };
  return { disk, opened, open: () => DataFolder.open("/srv/data", { disk, openDatabase }) };
}

Deno.test("a folder is new until its database is complete, at whatever moment the power failed before", async () => {
  for (let crashAfter = 1;; crashAfter++) {
    const { disk, opened, open } = machine();
    disk.crashAfter = crashAfter;
    const first = await open().catch((error) => error as Error);
    if (first instanceof DataFolder) {
      await first[Symbol.asyncDispose]();
      disk.crash();
      await (await open())[Symbol.asyncDispose]();
      assert.deepEqual(opened, [undefined, true]);
      break;
    }
    assert.ok(first instanceof DenizenError);
    await (await open())[Symbol.asyncDispose]();
    await (await open())[Symbol.asyncDispose]();
    assert.equal(opened.at(-1), true, `after change ${crashAfter}`);
  }
});

Deno.test("one node at a time has the folder, until it closes it or its machine loses its power", async () => {
  const { disk, open } = machine();
  const first = await open();
  await first.publish(info);
  await assert.rejects(open(), { code: "data_locked", message: /process 4711/ });
  assert.deepEqual(await readNodeFile("/srv/data", disk), { info, alive: true });
  await first[Symbol.asyncDispose]();
  assert.equal(await readNodeFile("/srv/data", disk), undefined);

  const second = await open();
  await second.publish(info);
  disk.crash();
  assert.deepEqual(await readNodeFile("/srv/data", disk), { info, alive: false }, "it was killed");
  const third = await open();
  assert.equal(await readNodeFile("/srv/data", disk), undefined);
  await third[Symbol.asyncDispose]();
});
