import assert from "node:assert/strict";
import { join } from "node:path";
import { systemClock } from "../../world/clock.ts";
import { VirtualClock } from "../../testing/virtual_clock.ts";
import { DataFolder } from "./data_folder.ts";
import { KvBlobs } from "../kv/blobs.ts";
import { readNodeFile } from "./node_file.ts";
import type { Storage } from "../storage.ts";

const KILLS = 6;

/** Runs the writer, kills it after it has told of `count` numbers, and gives all that it told. */
async function writeUntilKilled(folder: string, first: number, count: number): Promise<number[]> {
  const script = new URL("./testdata/numbered_writer.ts", import.meta.url).pathname;
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--unstable-kv", "--no-check", script, folder, String(first)],
    stdout: "piped",
    stderr: "inherit",
  }).spawn();
  let text = "";
  let killed = false;
  for await (const part of child.stdout.pipeThrough(new TextDecoderStream())) {
    text += part;
    if (killed || text.split("\n").length <= count) continue;
    killed = true;
    child.kill("SIGKILL");
  }
  assert.equal((await child.status).signal, "SIGKILL");
  // The last line may be cut off; then it was not acknowledged.
  return text.split("\n").slice(0, -1).map(Number);
}

/** What is there, after seeing that it is a prefix and that large values are whole. */
async function survivors(storage: Storage): Promise<Set<number>> {
  const numbers = new Set<number>();
  for await (const { key, value } of storage.list({ prefix: ["number"] })) {
    const number = Number(new TextDecoder().decode(value));
    assert.equal(number, Number(key[1]));
    numbers.add(number);
  }
  for (let number = 1; number <= numbers.size; number++) {
    assert.ok(numbers.has(number), `${number} is missing before ${numbers.size}`);
  }
  for await (const { key, value } of storage.list({ prefix: ["large"] })) {
    const number = key[1] === "replaced" ? Math.floor(numbers.size / 10) * 10 : Number(key[1]);
    assert.equal(value.length, 1024 * 1024, `${key}`);
    assert.ok(value.every((byte) => byte === number % 251), `${key} is of several writes`);
  }
  return numbers;
}

Deno.test("after any kill -9 everything that was acknowledged is there, whole and in order", async () => {
  const seed = Math.floor(systemClock.random() * 2 ** 32);
  console.log(`seed ${seed}`);
  const chance = new VirtualClock({ seed });
  const folder = join(await Deno.makeTempDir(), "data");
  let present = 0;
  for (let kill = 0; kill < KILLS; kill++) {
    const told = await writeUntilKilled(folder, present + 1, 1 + Math.floor(chance.random() * 400));
    assert.equal((await readNodeFile(folder))?.alive, false);
    await using data = await DataFolder.open(folder);
    const numbers = await survivors(data.storage);
    for (const number of told) assert.ok(numbers.has(number), `kill ${kill}: ${number} was acknowledged`);
    assert.ok(numbers.size > present);
    present = numbers.size;
  }
  using kv = await Deno.openKv(join(folder, "state.kv"));
  await new KvBlobs(kv).sweep();
  const blobs = new Set((await Array.fromAsync(kv.list({ prefix: ["c"] }))).map(({ key }) => key[1]));
  const large = (await Array.fromAsync(kv.list({ prefix: ["e", "large"] }))).length;
  assert.equal(blobs.size, large, "chunks that nothing leads to");
  await Deno.remove(join(folder, ".."), { recursive: true });
});
