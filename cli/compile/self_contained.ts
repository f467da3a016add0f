/**
 * Self-contained executables: a POSIX shell script, followed by the compressed program and the compressed
 * Deno that runs this command. They need `tail`, `head`, `gzip`, `tar`, and `sha256sum` or `shasum`.
 */
import { sha256 } from "@denizen/pack-sdk";
import { createTar } from "nanotar";
import * as path from "node:path";
import { writeFileWhole } from "../launch/whole_file.ts";
import { ExplainedError } from "../terminal/failure.ts";
import LAUNCHER from "./launcher.sh" with { type: "text" };

type Bytes = Uint8Array<ArrayBuffer>;

interface SelfContainedOptions {
  /** Letters, digits, `.`, `_` and `-`. */
  readonly name: string;
  /** The folder of the staged program. */
  readonly folder: string;
  /** As `launcherFlags` writes them. */
  readonly permissions: string;
  readonly defaults: { readonly host: string; readonly port: string; readonly data: string };
}

/** Numbers in the script are padded to this width, so that its length does not depend on them. */
const NUMBER_WIDTH = 10;
const SUMS_FILE = "SHA256SUMS";

/** @throws {ExplainedError} on Windows, which has no POSIX shell. */
export async function writeSelfContained(output: string, options: SelfContainedOptions): Promise<void> {
  if (Deno.build.os === "windows") {
    throw new ExplainedError({
      code: "compile",
      message: "Cannot compile a self-contained executable as it needs a POSIX shell: windows",
      hint: "omit --self-contained",
    });
  }
  const files = await readFolder(options.folder);
  const sums = new TextEncoder().encode(await sumsOf(files));
  const archive = createTar([...files, { name: SUMS_FILE, data: sums }], {
    attrs: { mode: "600", mtime: 0 },
  });
  const deno = await Deno.readFile(Deno.execPath());
  const [app, runtime] = [await gzip(archive as Bytes), await gzip(deno)];
  const { host, port, data } = options.defaults;
  const values = {
    name: options.name,
    app_sha256: await sha256(sums),
    deno_sha256: await sha256(deno),
    deno_size: String(deno.length),
    host: quoted(host),
    port: quoted(port),
    data: quoted(data),
    permissions: options.permissions,
  };
  const script = (start: number) =>
    filled(LAUNCHER, {
      ...values,
      app_start: fixed(start),
      app_packed: fixed(app.length),
      deno_start: fixed(start + app.length),
      deno_packed: fixed(runtime.length),
    });
  const start = new TextEncoder().encode(script(0)).length;
  await writeFileWhole(output, [new TextEncoder().encode(script(start)), app, runtime], 0o755);
}

interface StagedFile {
  readonly name: string;
  readonly data: Bytes;
}

/** Reads every file, ordered by name: the same folder gives the same archive. */
async function readFolder(folder: string, prefix = ""): Promise<StagedFile[]> {
  const files: StagedFile[] = [];
  for (const entry of [...Deno.readDirSync(folder)].sort((a, b) => a.name < b.name ? -1 : 1)) {
    const file = path.join(folder, entry.name), name = prefix + entry.name;
    if (/[\n\r\\]/.test(name)) {
      throw new ExplainedError({
        code: "compile",
        message: `Cannot compile the app as the name of a file has a line break or a backslash: ${
          JSON.stringify(name)
        }`,
      });
    }
    if (entry.isDirectory) files.push(...await readFolder(file, `${name}/`));
    else files.push({ name, data: await Deno.readFile(file) });
  }
  return files;
}

/** Checksums in the format of `sha256sum`, which also checks them. */
async function sumsOf(files: readonly StagedFile[]): Promise<string> {
  const lines: string[] = [];
  for (const { name, data } of files) lines.push(`${await sha256(data)}  ${name}\n`);
  return lines.join("");
}

async function gzip(bytes: Bytes): Promise<Bytes> {
  const stream = new Blob([bytes]).stream().pipeThrough(new CompressionStream("gzip"));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

function filled(text: string, values: Readonly<Record<string, string>>): string {
  return text.replaceAll(/\{\{(\w+)\}\}/g, (_, name: string) => values[name]!);
}

function fixed(value: number): string {
  return String(value).padEnd(NUMBER_WIDTH);
}

/** Quotes a value as one word of a shell script. */
function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
