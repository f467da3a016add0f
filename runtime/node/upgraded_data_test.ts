/** Data folders as earlier versions wrote them: they open with all that is in them, and a copy is kept. */
import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { join } from "node:path";
import { Save } from "@denizen/macro";
import { hostDefinitions, type LogLine, type Node } from "@denizen/runtime";
import { localRpc as notebook } from "../../tests/apps/generated/notebook.ts";
import { localRpc as peer } from "../../tests/apps/generated/peer.ts";
import { localRpc as tally } from "../../tests/apps/generated/tally.ts";
import { withSave } from "../../tests/definitions.ts";
import { definitions } from "../../tests/hosted.ts";

const FOLDERS = new URL("../storage/data_folder/testdata/", import.meta.url).pathname;

/** A copy of a folder in `testdata`, unpacked. */
class OldFolder implements AsyncDisposable {
  readonly path = Deno.makeTempDirSync({ prefix: "old_data_" });

  static async unpack(name: string): Promise<OldFolder> {
    const folder = new OldFolder();
    for (const { name: file } of Deno.readDirSync(join(FOLDERS, name))) {
      const from = await Deno.open(join(FOLDERS, name, file));
      const isPacked = file.endsWith(".gz");
      const bytes = isPacked ? from.readable.pipeThrough(new DecompressionStream("gzip")) : from.readable;
      await Deno.writeFile(join(folder.path, file.replace(/\.gz$/, "")), bytes);
    }
    return folder;
  }

  read(file: string): Promise<Uint8Array> {
    return Deno.readFile(join(this.path, file));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Deno.remove(this.path, { recursive: true });
  }
}

async function start(data: string, log: LogLine[]): Promise<Node> {
  const [peers] = await definitions("peer");
  return await hostDefinitions(
    [...await definitions("notebook"), ...await definitions("tally"), withSave(peers!, Save.never)],
    { data, port: 0, log: (line) => log.push(line) },
  );
}

/** What the makers of the folders have put into them: large and small states, with and without a key. */
async function assertAllThere(node: Node): Promise<void> {
  const url = `${node.url}/notebook:tests:denizen.os/api`;
  const reply = await fetch(url, { method: "POST", body: JSON.stringify("List") });
  assert.deepEqual(await reply.json(), [
    { title: "first", dueDate: new Date(1_900_000_000_000).toISOString(), stars: 5 },
    { title: "ö".repeat(60_000), dueDate: new Date(0).toISOString() },
  ]);
  assert.deepEqual(await notebook(node).inner(), { status: "Success", value: 1 });
  for (const key of ["a", "b/c ü"]) {
    assert.deepEqual(await tally(node, key).increment(3), { status: "Success", value: 3 }, key);
  }
}

const upgrades = (log: LogLine[]) => log.filter(({ message }) => message === "data upgraded");

for (const ending of ["drained", "killed"]) {
  Deno.test(`the folder of a node of format 1 that was ${ending} opens, and a copy is kept`, async () => {
    await using old = await OldFolder.unpack(`format_1/${ending}`);
    const files = ending === "killed" ? ["", "-wal"] : [""];
    const before = await Promise.all(files.map((suffix) => old.read(`state.kv${suffix}`)));
    const log: LogLine[] = [];
    {
      await using node = await start(old.path, log);
      await assertAllThere(node);
      const kept = await peer(node, "volatile").show();
      const handedOver = ["kept", "over", "a", "reload"];
      assert.deepEqual(kept, { status: "Success", value: ending === "drained" ? handedOver : [] });
      assert.equal((await tally(node, "a").increment(4)).status, "Success");
    }
    assert.equal(await Deno.readTextFile(join(old.path, "format")), "2\n");
    const [line] = upgrades(log);
    assert.equal(line?.fields.copy, join(old.path, "state.kv.format-1"));
    for (const [i, suffix] of files.entries()) {
      assert.equal(Buffer.compare(await old.read(`state.kv.format-1${suffix}`), before[i]!), 0);
    }
    // The copy is the folder that it was: with it one can go back, and come again.
    await Deno.remove(join(old.path, "state.kv"));
    for (const suffix of files) {
      await Deno.rename(join(old.path, `state.kv.format-1${suffix}`), join(old.path, `state.kv${suffix}`));
    }
    await Deno.writeTextFile(join(old.path, "format"), "1\n");
    {
      await using node = await start(old.path, log);
      await assertAllThere(node);
    }
    {
      await using node = await start(old.path, log);
      await assertAllThere(node);
    }
    assert.equal(upgrades(log).length, 2, "a folder is upgraded once");
  });
}

Deno.test("an upgrade that was cut off at any point is finished by the next start", async () => {
  const points: Record<string, (folder: OldFolder) => Promise<void>> = {
    "a part of the copy": async (folder) => {
      await Deno.writeTextFile(join(folder.path, "state.kv.format-1.new"), "a part");
    },
    "an old copy": async (folder) => {
      await Deno.writeTextFile(join(folder.path, "state.kv.format-1"), "of an upgrade before");
      await Deno.writeTextFile(join(folder.path, "state.kv.format-1-wal"), "of an upgrade before");
    },
    "the copy and the folder's format": async (folder) => {
      await Deno.copyFile(join(folder.path, "state.kv"), join(folder.path, "state.kv.format-1"));
      await Deno.writeTextFile(join(folder.path, "format"), "2\n");
    },
  };
  for (const [title, reach] of Object.entries(points)) {
    await using old = await OldFolder.unpack("format_1/drained");
    const before = await old.read("state.kv");
    await reach(old);
    {
      await using node = await start(old.path, []);
      await assertAllThere(node);
    }
    assert.equal(Buffer.compare(await old.read("state.kv.format-1"), before), 0, title);
    const names = [...Deno.readDirSync(old.path)].map(({ name }) => name).filter((name) =>
      !name.startsWith("packs")
    );
    assert.deepEqual(names.sort(), ["format", "lock", "state.kv", "state.kv.format-1"], title);
    using kv = await Deno.openKv(join(old.path, "state.kv"));
    assert.deepEqual((await kv.get(["f"])).value, { format: 2 }, title);
  }
});
