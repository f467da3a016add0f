/** `denizen pack add`: adds a pack to an app. */
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
import { shownSize } from "./pack_text.ts";
import { TemporaryFolder } from "./temporary_folder.ts";
import { readPublicKey } from "./signing_key.ts";
import { describeByRunning, showModules } from "./typed_modules.ts";
import { verifyInChild } from "./verify.ts";

const MODES = ["auto", "native", "isolated", "wasm"];
/** The name of a pack becomes the name of a file. */
const NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$/;

export const add = defineCommand({
  name: "pack add",
  summary: "Adds a pack to an app: verifies it, copies it and adds it to deno.json.",
  usage: "<path> [options]",
  arguments: [1, 1],
  options: {
    app: { type: "string", value: "<folder>", help: "the folder of the app (default: .)" },
    name: {
      type: "string",
      value: "<name>",
      help: "the name that the app gives the pack (default: its own)",
    },
    native: { type: "boolean", help: "allow its native code, which can do everything that the node can" },
    trusted: { type: "boolean", help: "let it run on the thread of the node, where nothing can stop it" },
    mode: { type: "string", value: "auto|native|isolated|wasm", help: "how it runs (default auto)" },
    key: {
      type: "string",
      value: "<key>",
      help: "require that it is signed with this public key, now and later: base64, or a file",
    },
    replace: { type: "boolean", help: "replace a pack of that name; other settings of it are kept" },
  },
  notes: [
    "The pack is copied into the folder packs of the app (a folder as a bundle) and added to denizen.packs in its deno.json.\n" +
    "Its typed module is generated/<name>_pack.ts.",
    'To host a template as a process of the app, write "processes": { "counter": "words.counter" } into its entry. Call it\n' +
    'with denizen call counter \'{"Run":{"step":2}}\' or an HTTP POST of that body; bytes are base64. It stores nothing on disk.',
  ],
  examples: [
    "denizen pack add ../hash/target/hash-1.0.0.pack --native --trusted",
    "denizen pack add resize.rflpack --name pictures --app shop",
  ],
  async run(values, [pack = ""], terminal) {
    await checkPackPath(pack);
    if (values.mode !== undefined && !MODES.includes(values.mode)) {
      throw new UsageError(`Cannot use --mode as it must be one of ${MODES.join(", ")}: ${values.mode}`);
    }
    const app = await readApp(values.app ?? ".");
    const key = values.key === undefined ? undefined : await readPublicKey(values.key);
    const contents = await inspectPack(pack);
    const name = values.name ?? contents.name;
    if (!NAME.test(name)) {
      throw new UsageError(
        `Cannot use the name of the pack as it must be letters, digits, ".", "_" and "-": ${
          JSON.stringify(name)
        }`,
        "choose another one with --name",
      );
    }
    const target = await findTarget(app, name, contents, values.replace);
    const file = `./${path.relative(path.dirname(target.config), target.copy).replaceAll("\\", "/")}`;
    const { native, trusted, mode } = values;
    const entry = entryOf(target.before, {
      path: file,
      ...native && { native },
      ...trusted && { trusted },
      ...mode && { mode },
      ...key && { key },
    });
    checkAllowed(contents, entry);
    const bytes = contents.kind === "folder" ? (await bundlePack(pack)).bytes : await Deno.readFile(pack);
    await verifyBytes(bytes, path.basename(target.copy), { native: values.native, key });
    await Deno.mkdir(path.dirname(target.copy), { recursive: true });
    await writeFileWhole(target.copy, [bytes]);
    await writePackEntry(target.config, name, entry);
    terminal.line(`Copied ${pack} to ${shownPath(target.copy)} (${shownSize(bytes.length)}).`);
    terminal.line(`Wrote denizen.packs.${name} to ${shownPath(target.config)}: ${JSON.stringify(entry)}`);
    terminal.object({ event: "added", name, copy: target.copy, config: target.config, entry });
    const modules = await updatePackModules(await readApp(app.file), { describe: describeByRunning });
    showModules(modules, terminal);
    return modules.failures.some((failure) => failure.pack === name) ? EXIT.failed : EXIT.ok;
  },
});

/** Rejects a pack that needs native code if that is not allowed: the app would not start. */
function checkAllowed({ files }: PackContents, entry: PackEntry): void {
  const { native, mode } = typeof entry === "object" ? entry : {} as { native?: unknown; mode?: unknown };
  if (native === true) return;
  const why = mode === "native" || mode === "isolated"
    ? `mode ${mode} needs native code`
    : files.every(({ carrier }) => carrier === "native")
    ? "it contains only native code"
    : undefined;
  if (why === undefined) return;
  throw new UsageError(
    `Cannot add the pack as ${why}, which is not allowed`,
    "allow native code with --native: it can do whatever the node can; a WebAssembly module needs no permission",
  );
}

/** Verifies the bytes that will be copied, as the original file may change meanwhile. */
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

interface Target {
  readonly config: string;
  /** The path that the pack is copied to. */
  readonly copy: string;
  readonly before: PackEntry | undefined;
}

async function findTarget(
  app: App,
  name: string,
  { kind, path: source }: PackContents,
  replace: boolean,
): Promise<Target> {
  const config = (declaringConfig(app) ?? app.configs[0])?.file ?? path.join(app.root, "deno.json");
  const extension = kind === "folder" ? ".pack" : path.extname(source);
  const copy = path.join(app.root, PACKS_FOLDER, name + extension);
  const before = await readPackEntry(config, name);
  const isThere = await Deno.stat(copy).then(() => true, () => false);
  if (!replace && (before !== undefined || isThere)) {
    const what = before === undefined ? shownPath(copy) : JSON.stringify(before);
    throw new ExplainedError({
      code: "bad_option",
      message: `Cannot add the pack as the app already has a pack ${name}: ${what}`,
      hint: "choose another name with --name, or replace that pack with --replace",
    });
  }
  return { config, copy, before };
}

/** Keeps fields of the previous entry that are not given. An entry with only a path is a string. */
function entryOf(before: PackEntry | undefined, fields: Readonly<Record<string, unknown>>): PackEntry {
  const entry = typeof before === "object" ? { ...before, ...fields } : fields;
  return Object.keys(entry).length === 1 ? entry.path as string : entry;
}
