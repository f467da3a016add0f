/** `denizen pack add`: gives an app a pack. */
import { bundlePack, inspectPack, type PackContents } from "@denizen/runtime/packs";
import * as path from "node:path";
import { type App, readApp } from "../launch/app_config.ts";
import { declaringConfig, PACKS_FOLDER } from "../launch/app_packs.ts";
import { defineCommand } from "../terminal/command.ts";
import { EXIT, ExplainedError, UsageError } from "../terminal/failure.ts";
import { shownPath } from "../terminal/terminal.ts";
import { type PackEntry, readPackEntry, writePackEntry } from "./config_edit.ts";
import { updatePackModules } from "../launch/pack_modules.ts";
import { checkPackPath } from "./pack_path.ts";
import { writeFileWhole } from "../launch/whole_file.ts";
import { shownSize } from "../terminal/printable.ts";
import { TemporaryFolder } from "./temporary_folder.ts";
import { readPublicKey } from "./signing_key.ts";
import { describeByRunning, tellModules } from "./typed_modules.ts";
import { verifyInChild } from "./verify.ts";

const MODES = ["auto", "native", "isolated", "wasm"];
/** It becomes the name of a file. */
const NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$/;

export const add = defineCommand({
  name: "pack add",
  summary: "Gives an app a pack: verifies it, copies it, and writes it into the app's deno.json.",
  usage: "<path> [options]",
  arguments: [1, 1],
  options: {
    app: { type: "string", value: "<folder>", help: "the app (default: this folder)" },
    name: { type: "string", value: "<name>", help: "what the app calls it (default: its own name)" },
    native: { type: "boolean", help: "allows its native code, which can do whatever the node can" },
    trusted: { type: "boolean", help: "lets it run on the node's own thread, where nothing can stop it" },
    mode: { type: "string", value: "auto|native|isolated|wasm", help: "how it runs (default auto)" },
    key: {
      type: "string",
      value: "<key>",
      help: "the public key that must have signed it, then and later: in base64, or a file with a key",
    },
    replace: { type: "boolean", help: "takes the place of a pack of that name; its other settings stay" },
  },
  notes: [
    "The pack is copied into the folder packs of the app, a folder of a pack as a bundle, and stands in the app's deno.json under\n" +
    "denizen.packs then. Its typed module is generated/<name>_pack.ts.",
    'A template becomes a process of the app by "processes": { "counter": "words.counter" } in that entry; it answers\n' +
    'denizen call counter \'{"Run":{"step":2}}\' and POST of the same, bytes as text in base64, and keeps nothing on disk.',
  ],
  examples: [
    "denizen pack add ../hash/target/hash-1.0.0.pack --native --trusted",
    "denizen pack add resize.rflpack --name pictures --app shop",
  ],
  async run(values, [pack = ""], terminal) {
    await checkPackPath(pack);
    if (values.mode !== undefined && !MODES.includes(values.mode)) {
      throw new UsageError(`Cannot use --mode as it is ${MODES.join(", ")}: ${values.mode}`);
    }
    const app = await readApp(values.app ?? ".");
    const key = values.key === undefined ? undefined : await readPublicKey(values.key);
    const contents = await inspectPack(pack);
    const name = values.name ?? contents.name;
    if (!NAME.test(name)) {
      throw new UsageError(
        `Cannot name the pack as it is not letters, digits, ".", "_" and "-": ${JSON.stringify(name)}`,
        "give it another one with --name",
      );
    }
    const place = await findPlace(app, name, contents, values.replace);
    const file = `./${path.relative(path.dirname(place.config), place.copy).replaceAll("\\", "/")}`;
    const { native, trusted, mode } = values;
    const entry = entryOf(place.before, {
      path: file,
      ...native && { native },
      ...trusted && { trusted },
      ...mode && { mode },
      ...key && { key },
    });
    checkAllowed(contents, entry);
    const bytes = contents.kind === "folder" ? (await bundlePack(pack)).bytes : await Deno.readFile(pack);
    await verifyBytes(bytes, path.basename(place.copy), { native: values.native, key });
    await Deno.mkdir(path.dirname(place.copy), { recursive: true });
    await writeFileWhole(place.copy, bytes);
    await writePackEntry(place.config, name, entry);
    terminal.line(`Copied ${pack} to ${shownPath(place.copy)} (${shownSize(bytes.length)}).`);
    terminal.line(`Wrote denizen.packs.${name} into ${shownPath(place.config)}: ${JSON.stringify(entry)}`);
    terminal.object({ event: "added", name, copy: place.copy, config: place.config, entry });
    const modules = await updatePackModules(await readApp(app.file), { describe: describeByRunning });
    tellModules(modules, terminal);
    return modules.failures.some((failure) => failure.pack === name) ? EXIT.failed : EXIT.ok;
  },
});

/** An app would not start with a pack that needs native code and may not run it. */
function checkAllowed({ files }: PackContents, entry: PackEntry): void {
  const { native, mode } = typeof entry === "object" ? entry : {} as { native?: unknown; mode?: unknown };
  if (native === true) return;
  const why = mode === "native" || mode === "isolated"
    ? `its mode is ${mode}`
    : files.every(({ carrier }) => carrier === "native")
    ? "it has native code only"
    : undefined;
  if (why === undefined) return;
  throw new UsageError(
    `Cannot add the pack as ${why}, which --native would have to allow`,
    "native code can do whatever the node can; a WebAssembly module of the pack would need no permission",
  );
}

/** Verifies what is going to be copied, and not what stands where it came from by then. */
async function verifyBytes(
  bytes: Uint8Array,
  name: string,
  options: { readonly native: boolean; readonly key: string | undefined },
): Promise<void> {
  await using folder = await TemporaryFolder.make();
  const file = path.join(folder.path, name);
  await Deno.writeFile(file, bytes);
  await verifyInChild(file, { ...options, conformance: false, skip: [] });
}

interface Place {
  readonly config: string;
  /** Where the pack goes. */
  readonly copy: string;
  readonly before: PackEntry | undefined;
}

async function findPlace(
  app: App,
  name: string,
  { kind, path: source }: PackContents,
  replace: boolean,
): Promise<Place> {
  const config = (declaringConfig(app) ?? app.configs[0])?.file ?? path.join(app.root, "deno.json");
  const extension = kind === "folder" ? ".pack" : path.extname(source);
  const copy = path.join(app.root, PACKS_FOLDER, name + extension);
  const before = await readPackEntry(config, name);
  const isThere = await Deno.stat(copy).then(() => true, () => false);
  if (!replace && (before !== undefined || isThere)) {
    const what = before === undefined ? shownPath(copy) : JSON.stringify(before);
    throw new ExplainedError({
      code: "bad_option",
      message: `Cannot add the pack as the app has one of that name, ${name}: ${what}`,
      hint: "give it another name with --name, or take its place with --replace",
    });
  }
  return { config, copy, before };
}

/** A path alone is a text; what stood there before stays unless it is given anew. */
function entryOf(before: PackEntry | undefined, fields: Readonly<Record<string, unknown>>): PackEntry {
  const entry = typeof before === "object" ? { ...before, ...fields } : fields;
  return Object.keys(entry).length === 1 ? entry.path as string : entry;
}
