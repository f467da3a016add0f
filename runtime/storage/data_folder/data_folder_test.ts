import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { join } from "node:path";
import { DataFolder } from "./data_folder.ts";
import type { DenizenError } from "../../errors.ts";
import { createLog } from "../../log.ts";
import { denoDisk } from "../../world/deno_disk.ts";
import { readNodeFile } from "./node_file.ts";

const info = { pid: 4711, url: "http://127.0.0.1:8080", token: "secret", name: "our", started: 1 };

/** A folder that goes away at the end, and does not exist yet itself. */
class Place implements AsyncDisposable {
  readonly #parent = Deno.makeTempDirSync();
  readonly path = join(this.#parent, "data");
  readonly state = join(this.path, "state.kv");

  /** Fills the data folder with `entries` values and closes it. */
  async fill(entries = 200): Promise<this> {
    await using folder = await DataFolder.open(this.path);
    await this.#write(folder, entries);
    return this;
  }

  /** As after a kill: a part of what was written is in the log only. */
  async fillAndKill(): Promise<this> {
    const running = await new Place().fill(2_000);
    await using folder = await DataFolder.open(running.path);
    await this.#write(folder, 50);
    await Deno.mkdir(this.path);
    for (const name of ["format", "lock", "state.kv", "state.kv-wal"]) {
      await Deno.copyFile(join(running.path, name), join(this.path, name));
    }
    return this;
  }

  async #write({ storage }: DataFolder, entries: number): Promise<void> {
    for (let i = 0; i < entries; i += 50) {
      const writes = Array.from(
        { length: 50 },
        (_, j) => ({ key: ["k", String(i + j)], value: new Uint8Array(600) }),
      );
      await storage.commit(writes);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Deno.remove(this.#parent, { recursive: true });
  }
}

async function refusal(path: string): Promise<DenizenError> {
  return await DataFolder.open(path).then(
    async (folder) => {
      await folder[Symbol.asyncDispose]();
      return assert.fail("it was opened");
    },
    (error) => error,
  );
}

/** Opens a folder whose state was damaged, and sees that it is refused and left as it is. */
async function assertRefusedUntouched(place: Place): Promise<void> {
  const before = await Deno.readFile(place.state);
  assert.equal((await refusal(place.path)).code, "data_corrupt");
  assert.equal(Buffer.compare(before, await Deno.readFile(place.state)), 0, "the file was changed");
}

Deno.test("a data folder is created, keeps what is stored, and opens again", async () => {
  await using place = new Place();
  {
    await using folder = await DataFolder.open(place.path);
    await folder.storage.commit([{ key: ["a"], value: new Uint8Array([1]) }]);
  }
  await using folder = await DataFolder.open(place.path);
  assert.deepEqual((await folder.storage.get(["a"]))?.value, new Uint8Array([1]));
  assert.equal(folder.storage.name, place.state);
  assert.equal((await Deno.stat(place.path)).mode! & 0o777, 0o700);
});

Deno.test("a folder in use is refused, with the name of who uses it", async () => {
  await using place = new Place();
  {
    await using folder = await DataFolder.open(place.path);
    await folder.publish(info);
    const error = await refusal(place.path);
    assert.equal(error.code, "data_locked");
    assert.match(error.message, /process 4711 at http:\/\/127\.0\.0\.1:8080$/);
    assert.deepEqual(error.data, { pid: 4711, url: "http://127.0.0.1:8080", name: "our" });
  }
  await (await DataFolder.open(place.path))[Symbol.asyncDispose]();
});

Deno.test("those who look for a node see it, however many look at once, and do not keep the next from starting", async () => {
  await using place = new Place();
  for (const started of [1, 2]) {
    await using folder = await DataFolder.open(place.path);
    await folder.publish({ ...info, started });
    const seen = await Promise.all(Array.from({ length: 20 }, () => readNodeFile(place.path)));
    assert.ok(seen.every((node) => node?.alive && node.info.started === started));
  }
});

Deno.test("the node file describes a running node, to its owner only, and is removed with it", async () => {
  await using place = new Place();
  assert.equal(await readNodeFile(place.path), undefined);
  {
    await using folder = await DataFolder.open(place.path);
    assert.equal(await readNodeFile(place.path), undefined);
    await folder.publish(info);
    await folder.publish({ ...info, started: 2 });
    assert.deepEqual(await readNodeFile(place.path), { info: { ...info, started: 2 }, alive: true });
    assert.equal((await Deno.stat(join(place.path, "node.json"))).mode! & 0o777, 0o600);
    const names = (await Array.fromAsync(Deno.readDir(place.path))).map(({ name }) => name);
    assert.ok(!names.some((name) => name.endsWith(".new")), names.join(" "));
  }
  assert.equal(await readNodeFile(place.path), undefined);
});

Deno.test("a folder whose file system has become read-only is closed and freed, and the log says what is left", async () => {
  await using place = new Place();
  const lines: string[] = [];
  const log = createLog(({ level, message }) => lines.push(`${level} ${message}`), () => 0);
  let readOnly = false;
  const disk = {
    ...denoDisk,
    remove: (path: string) =>
      readOnly ? Promise.reject(new Error("Read-only file system (os error 30)")) : denoDisk.remove(path),
  };
  const folder = await DataFolder.open(place.path, { disk, log });
  await folder.publish(info);
  readOnly = true;
  await folder[Symbol.asyncDispose]();
  assert.deepEqual(lines, ["warn node file not removed"]);
  assert.equal((await readNodeFile(place.path))?.alive, false);
  await (await DataFolder.open(place.path))[Symbol.asyncDispose]();
});

Deno.test("the node file of a killed node says that it is not alive, and the next node removes it", async () => {
  await using place = await new Place().fill();
  await Deno.writeTextFile(join(place.path, "node.json"), JSON.stringify(info));
  assert.deepEqual(await readNodeFile(place.path), { info, alive: false });
  await using _ = await DataFolder.open(place.path);
  assert.equal(await readNodeFile(place.path), undefined);
});

Deno.test("a damaged node file is reported as damage", async () => {
  await using place = await new Place().fill();
  for (const text of ["", "{", "null", "[]", '{"pid":"1"}', JSON.stringify({ ...info, url: undefined })]) {
    await Deno.writeTextFile(join(place.path, "node.json"), text);
    await assert.rejects(readNodeFile(place.path), { code: "data_corrupt" }, text);
  }
});

Deno.test("a newer format is refused, of the folder and of the database", async () => {
  await using place = await new Place().fill();
  for (const format of ["3", "0", "1.5", "", "two"]) {
    await Deno.writeTextFile(join(place.path, "format"), `${format}\n`);
    const error = await refusal(place.path);
    assert.equal(error.code, "data_corrupt");
    assert.match(error.message, new RegExp(`reads formats up to 2: format ${format}$`));
  }
  await Deno.writeTextFile(join(place.path, "format"), "2\n");
  {
    using kv = await Deno.openKv(place.state);
    await kv.set(["f"], { format: 7 });
  }
  assert.match((await refusal(place.path)).message, /reads formats up to 2: format 7$/);
});

Deno.test("only its owner can read the data, whatever the modes of the folder and its files were", async () => {
  await using place = new Place();
  await Deno.mkdir(place.path, { mode: 0o755 });
  for (let opening = 0; opening < 2; opening++) {
    {
      await using folder = await DataFolder.open(place.path);
      await folder.storage.commit([{ key: ["a"], value: new Uint8Array([1]) }]);
      for (const file of [place.state, `${place.state}-wal`]) {
        assert.equal((await Deno.stat(file)).mode! & 0o777, 0o600, file);
      }
    }
    // As an earlier version left it.
    await Deno.chmod(place.state, 0o644);
  }
});

Deno.test("a folder that was in use and whose log is missing or damaged is refused, not begun anew", async () => {
  await using place = new Place();
  await using running = await DataFolder.open(place.path);
  await running.storage.commit([{ key: ["a"], value: new Uint8Array([1]) }]);
  await using copy = new Place();
  for (const log of ["missing", "damaged"]) {
    await Deno.mkdir(copy.path, { recursive: true });
    for (const name of ["format", "state.kv", "state.kv-wal"]) {
      await Deno.copyFile(join(place.path, name), join(copy.path, name));
    }
    if (log === "missing") await Deno.remove(`${copy.state}-wal`);
    else await Deno.writeFile(`${copy.state}-wal`, new Uint8Array([0xff]), { append: false });
    await assertRefusedUntouched(copy);
    await Deno.remove(copy.path, { recursive: true });
  }
});

Deno.test("a state file that is missing or empty is damage, not a new node", async () => {
  await using place = await new Place().fill();
  await Deno.truncate(place.state, 0);
  assert.equal((await refusal(place.path)).code, "data_corrupt");
  await Deno.remove(place.state);
  assert.equal((await refusal(place.path)).code, "data_corrupt");
  await assert.rejects(Deno.stat(place.state), Deno.errors.NotFound);
});

Deno.test("a state file whose end is missing is refused and left as it is", async () => {
  for (const part of [0.01, 0.3, 0.5, 0.99]) {
    await using place = await new Place().fill();
    await Deno.truncate(place.state, Math.floor((await Deno.stat(place.state)).size * part));
    await assertRefusedUntouched(place);
  }
});

Deno.test("a state file whose end is missing after a kill is refused and left as it is", async () => {
  for (const part of [0, 0.3, 0.5]) {
    await using place = await new Place().fillAndKill();
    await Deno.truncate(place.state, Math.floor((await Deno.stat(place.state)).size * part));
    const log = await Deno.readFile(`${place.state}-wal`);
    await assertRefusedUntouched(place);
    assert.equal(Buffer.compare(log, await Deno.readFile(`${place.state}-wal`)), 0, "the log was changed");
  }
});

Deno.test("a state file after a kill opens with everything in its log", async () => {
  await using place = await new Place().fillAndKill();
  await using folder = await DataFolder.open(place.path);
  assert.equal((await Array.fromAsync(folder.storage.list({ prefix: ["k"] }))).length, 2_000);
});

Deno.test("a state file that is something else is refused and left as it is", async () => {
  for (const text of ["hello", "x".repeat(100_000)]) {
    await using place = await new Place().fill();
    await Deno.writeTextFile(place.state, text);
    await assertRefusedUntouched(place);
  }
});

Deno.test("a state file with a damaged page that KV would die of is refused", async () => {
  const garbage = new Uint8Array(4096).fill(0x5a);
  // Page 1 is the header, 6 and 8 the indexes of the queue tables, 9 the index of expiry.
  for (const page of [1, 2, 3, 6, 8, 9]) {
    await using place = await new Place().fill();
    {
      using file = await Deno.open(place.state, { write: true });
      await file.seek((page - 1) * garbage.length, Deno.SeekMode.Start);
      await file.write(garbage);
    }
    await assertRefusedUntouched(place);
  }
});

Deno.test("a read-only folder is reported as such", async () => {
  await using place = await new Place().fill();
  const code = `
    const { DataFolder } = await import(${JSON.stringify(import.meta.resolve("./data_folder.ts"))});
    await DataFolder.open(${
    JSON.stringify(place.path)
  }).then(() => console.log("opened"), (error) => console.log(error.code));
  `;
  const args = [Deno.execPath(), "eval", "--no-check", "--unstable-kv", code];
  // Root may write everywhere, so a child without that right has to try.
  if (Deno.uid() === 0) args.unshift("setpriv", "--bounding-set", "-dac_override");
  const attempt = async () => {
    const { stdout } = await new Deno.Command(args[0]!, { args: args.slice(1) }).output();
    return new TextDecoder().decode(stdout).trim();
  };
  const modes = async (folder: number, files: number) => {
    for await (const { name } of Deno.readDir(place.path)) await Deno.chmod(join(place.path, name), files);
    await Deno.chmod(place.path, folder);
  };
  await modes(0o555, 0o444);
  assert.equal(await attempt(), "data_read_only", "nothing may be written");
  await modes(0o777, 0o666);
  await Deno.chmod(place.state, 0o444);
  assert.equal(await attempt(), "data_read_only", "the state may not be written");
  await modes(0o777, 0o666);
  assert.equal(await attempt(), "opened");
});

Deno.test("a full disk is reported as such, keeps everything acknowledged, and is usable once there is room", async () => {
  const script = new URL("./testdata/disk_filler.ts", import.meta.url).pathname;
  for (const bytes of [3_000, 300_000]) {
    await using place = new Place();
    // A limit on the size of files, in blocks of 512 bytes or a KiB: the disk takes no more than some MiB.
    const command = 'trap "" XFSZ; ulimit -S -f 6000; exec "$0" run -A --unstable-kv --no-check "$@"';
    const child = new Deno.Command("sh", {
      args: ["-c", command, Deno.execPath(), script, place.path, String(bytes)],
      stdin: "piped",
      stdout: "piped",
    }).spawn();
    const lines = child.stdout.pipeThrough(new TextDecoderStream()).getReader();
    const { written, outcome, readable } = JSON.parse((await lines.read()).value!);
    assert.equal(outcome, "disk_full");
    assert.ok(written > 0);
    assert.equal(readable, written);
    await new Deno.Command("prlimit", { args: ["--pid", String(child.pid), "--fsize=unlimited"] }).output();
    await child.stdin.close();
    assert.equal((await lines.read()).value?.trim(), "durable", "after there was room");
    assert.ok((await child.status).success);

    await using folder = await DataFolder.open(place.path);
    for (let i = 0; i < written; i++) {
      const entry = await folder.storage.get(["k", String(i)]);
      assert.ok(entry?.value.length === bytes && entry.value.every((byte) => byte === i % 251), `value ${i}`);
    }
    assert.equal((await folder.storage.get(["k", "after"]))?.value.length, bytes);
  }
});
