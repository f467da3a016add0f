/** Bundles and folders whose author means harm. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { DenizenError } from "../../errors.ts";
import { PACK_MANIFEST_BYTES_MAX } from "../../limits.ts";
import { openPackFiles } from "./pack_files.ts";
import { bundle, encode, inFolder, manifestFor, module, rejects, WASM } from "./testdata/small_pack.ts";

Deno.test("a manifest or a signature that is a bomb is refused before it is unpacked", () =>
  inFolder(async (folder) => {
    const bomb = new Uint8Array(PACK_MANIFEST_BYTES_MAX + 1);
    for (const name of ["manifest.json", "manifest.sig"]) {
      const pattern = new RegExp(`${name} has more than 4194304 bytes`);
      await rejects(openPackFiles(await bundle(folder, {}, { [name]: bomb })), "pack_unreadable", pattern);
    }
    await Deno.writeFile(join(folder, "manifest.json"), bomb);
    await rejects(openPackFiles(folder), "pack_unreadable", /more than 4194304 bytes/);
  }));

Deno.test("a manifest that is nested without end, or has numbers without end, is read or refused", () =>
  inFolder(async (folder) => {
    const deep = "[".repeat(500_000) + "]".repeat(500_000);
    const text = JSON.stringify(await manifestFor());
    const write = async (manifest: string) => await bundle(folder, {}, { "manifest.json": encode(manifest) });
    for (const field of ["name", "version", "abi", "files", "templates", "denizen_pack"]) {
      for (const value of [deep, "1e999999", "-" + "9".repeat(100_000), "null", "{}", '"\\ud800"']) {
        const path = await write(JSON.stringify(await manifestFor({ [field]: "?" })).replace('"?"', value));
        await openPackFiles(path).catch((error) => {
          assert.ok(error instanceof DenizenError, `${field}: ${String(error)}`);
          assert.ok(error.message.length < 400, error.message);
        });
      }
    }
    const ignored = await openPackFiles(await write(text.replace("{", `{"other":${deep},`)));
    assert.equal(ignored.manifest?.name, "text");
    const odd = [{ name: "a\nb", inports: [], outports: [] }];
    await rejects(openPackFiles(await bundle(folder, { templates: odd })), "pack_unreadable", /"a\\nb"/);
  }));

Deno.test("a link in a folder that leads out of it is not followed", () =>
  inFolder(async (folder) => {
    const pack = join(folder, "pack"), secret = join(folder, "secret.wasm");
    await Deno.mkdir(join(pack, "wasm"), { recursive: true });
    await Deno.writeTextFile(join(pack, "manifest.json"), JSON.stringify(await manifestFor()));
    await Deno.writeFile(secret, module);
    await Deno.symlink(secret, join(pack, "wasm/text.wasm"));
    const files = await openPackFiles(pack);
    await rejects(files.read(WASM), "pack_unreadable", /a link that leads out: wasm\/text.wasm/);
    await rejects(files.entries(), "pack_unreadable", /a link that leads out/);
    await Deno.rename(join(pack, "manifest.json"), join(folder, "other.json"));
    await Deno.symlink(join(folder, "other.json"), join(pack, "manifest.json"));
    await rejects(openPackFiles(pack), "pack_unreadable", /a link that leads out: manifest.json/);
  }));

Deno.test("links inside of a folder, and to it, are followed", () =>
  inFolder(async (folder) => {
    const pack = join(folder, "pack"), other = join(folder, "other");
    await Deno.mkdir(join(pack, "wasm"), { recursive: true });
    await Deno.writeTextFile(join(pack, "manifest.json"), JSON.stringify(await manifestFor()));
    await Deno.writeFile(join(pack, "real.wasm"), module);
    await Deno.symlink("../real.wasm", join(pack, "wasm/text.wasm"));
    await Deno.symlink(pack, other);
    for (const path of [pack, other]) {
      assert.deepEqual((await (await openPackFiles(path)).read(WASM)).bytes, module);
    }
  }));
