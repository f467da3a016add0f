/** `denizen pack sign`: signs a bundle, so that apps can require the key of its author. */
import { inspectPack, signBundle } from "@denizen/runtime/packs";
import { defineCommand } from "../terminal/command.ts";
import { EXIT, ExplainedError, UsageError } from "../terminal/failure.ts";
import type { Terminal } from "../terminal/terminal.ts";
import { checkPackPath } from "./pack_path.ts";
import { writeFileWhole } from "../launch/whole_file.ts";
import { createKey, readKey } from "./signing_key.ts";

export const sign = defineCommand({
  name: "pack sign",
  summary: "Signs a bundle with an Ed25519 key, or creates a key.",
  usage: "[bundle] --key <file> | --new-key <file>",
  arguments: [0, 1],
  options: {
    key: { type: "string", value: "<file>", help: "the private key: PKCS #8 in PEM, as OpenSSL writes it" },
    "new-key": { type: "string", value: "<file>", help: "create this file with a new key first (mode 0600)" },
  },
  notes: [
    "The signature covers the manifest, which contains the hash of every file. An app with the public key in its deno.json,\n" +
    "under denizen.packs.<name>.key, trusts packs that are signed with it and rejects all others.",
  ],
  examples: [
    "denizen pack sign --new-key ~/me.pem",
    "denizen pack sign target/hash-1.0.0.pack --key ~/me.pem",
  ],
  async run(values, [bundle], terminal) {
    const { key: file, "new-key": newFile } = values;
    if ((file === undefined) === (newFile === undefined)) {
      throw new UsageError("Cannot sign as it needs exactly one of --key <file> and --new-key <file>");
    }
    if (bundle === undefined && newFile === undefined) {
      throw new UsageError(
        "Cannot sign as the bundle is missing: usage is denizen pack sign <bundle> --key <file>",
      );
    }
    if (bundle !== undefined) await checkBundle(bundle);
    const key = newFile === undefined ? await readKey(file!) : await createKey(newFile);
    const { publicKey, keys } = key;
    if (newFile !== undefined) {
      terminal.show(`Created the key ${newFile}. Keep it safe: it cannot be recovered.`, {
        event: "key",
        file: newFile,
        publicKey,
      });
    }
    if (key.exposed) warnExposed(file!, terminal);
    if (bundle !== undefined) {
      await writeFileWhole(bundle, [await signBundle(bundle, keys)]);
      terminal.show(`Signed ${bundle}.`, { event: "signed", bundle, publicKey });
    }
    terminal.line(
      `\nThe public key, for denizen.packs.<name>.key in the deno.json of apps:\n\n  ${publicKey}`,
    );
    return EXIT.ok;
  },
});

async function checkBundle(bundle: string): Promise<void> {
  await checkPackPath(bundle);
  const { kind } = await inspectPack(bundle);
  if (kind === "bundle") return;
  throw new ExplainedError({
    code: "bad_option",
    message: `Cannot sign ${bundle} as it is a ${kind}, not a bundle`,
    hint: "denizen pack build writes a bundle to target/ in the folder of the pack",
  });
}

function warnExposed(file: string, terminal: Terminal): void {
  terminal.line(`Other users of this machine can read ${file}. Run chmod 600 ${file}`);
}
