/**
 * Builds the folder of a pack: every carrier of its `pack.json` with an installed compiler, into
 * `target/lib/<triple>/` and `target/wasm/`, with a manifest. The output is loaded once, to verify the
 * manifest.
 *
 *   deno run -A pack_sdk/build/build.ts packs/fixture
 *
 * @module
 */
import * as path from "node:path";
import type { Carrier } from "../carrier.ts";
import type { PackDescription } from "../metadata.ts";
import { openNative } from "../native.ts";
import { openWasm } from "../wasm.ts";
import { buildWasmAssemblyScript } from "./assemblyscript.ts";
import { BuildFailure } from "./build_failure.ts";
import { buildNativeC, buildWasmC } from "./c.ts";
import { fingerprint, isFresh, markFresh, sdkSources } from "./freshness.ts";
import type { Job, Outcome } from "./job.ts";
import {
  composeManifest,
  type Manifest,
  MANIFEST_FILE,
  type ManifestFile,
  manifestText,
} from "../manifest.ts";
import { sha256 } from "../sha256.ts";
import { type CarrierKind, type Language, type PackFile, readPackFile, type Recipe } from "./pack_file.ts";
import { buildNativeRust, buildWasmRust } from "./rust.ts";

export { BuildFailure } from "./build_failure.ts";
export type { CarrierKind, Language, PackFile } from "./pack_file.ts";
export { LANGUAGES, newPack, PACK_NAME, packNameOf } from "./new_pack.ts";
export { type Manifest, MANIFEST_FILE, type ManifestFile } from "../manifest.ts";

export interface BuildOptions {
  /** Only these carriers. Default: all that `pack.json` names. */
  readonly carriers?: readonly CarrierKind[];
  /** Where to build to. Default: `target` in the folder. */
  readonly target?: string;
}

export interface BuildReport {
  readonly manifest: Manifest;
  /** Holds the manifest and the files. */
  readonly target: string;
  /** The build time of each compiled file, by its path; other files had not changed. */
  readonly milliseconds: Readonly<Record<string, number>>;
  /** Carriers that were not built, each with its missing compiler. */
  readonly skipped: readonly { readonly carrier: CarrierKind; readonly missing: string }[];
}

const BUILDERS: Record<`${Language} ${CarrierKind}`, ((job: Job) => Promise<Outcome>) | undefined> = {
  "c native": buildNativeC,
  "c wasm": buildWasmC,
  "rust native": buildNativeRust,
  "rust wasm": buildWasmRust,
  "assemblyscript native": undefined,
  "assemblyscript wasm": buildWasmAssemblyScript,
};

const EXTENSIONS: Partial<Record<typeof Deno.build.os, string>> = { darwin: "dylib", windows: "dll" };

/** The path of a carrier's file, relative to the target. */
function placeOf(name: string, carrier: CarrierKind): string {
  return carrier === "wasm"
    ? `wasm/${name}.wasm`
    : `lib/${Deno.build.target}/${name}.${EXTENSIONS[Deno.build.os] ?? "so"}`;
}

export async function buildPack(folder: string, options: BuildOptions = {}): Promise<BuildReport> {
  folder = path.resolve(folder);
  const target = path.resolve(options.target ?? path.join(folder, "target"));
  const pack = await readPackFile(folder);
  const files: ManifestFile[] = [], skipped: BuildReport["skipped"][number][] = [];
  const milliseconds: Record<string, number> = {};
  let description: PackDescription | undefined;
  for (const [carrier, recipe] of Object.entries(pack.build) as [CarrierKind, Recipe][]) {
    if (options.carriers && !options.carriers.includes(carrier)) continue;
    const place = placeOf(pack.name, carrier), output = path.join(target, place);
    const started = performance.now();
    const made = await makeFresh(carrier, { folder, target, recipe, output });
    if (made instanceof Object) {
      skipped.push({ carrier, missing: made.missing });
      continue;
    }
    if (made === "compiled") milliseconds[place] = Math.round(performance.now() - started);
    const bytes = await Deno.readFile(output);
    description = await describe(pack, carrier, output, bytes) ?? description;
    const triple = carrier === "wasm" ? "wasm32" : Deno.build.target;
    files.push({ path: place, carrier, target: triple, bytes: bytes.length, sha256: await sha256(bytes) });
  }
  const manifest = composeManifest(pack, description?.templates ?? [], files);
  await Deno.mkdir(target, { recursive: true });
  await Deno.writeTextFile(path.join(target, MANIFEST_FILE), manifestText(manifest));
  return { manifest, target, milliseconds, skipped };
}

/** Compiles if something changed. Returns the missing compiler, if one is missing. */
async function makeFresh(
  carrier: CarrierKind,
  job: Job,
): Promise<"compiled" | "fresh" | { readonly missing: string }> {
  const { folder, output, recipe } = job;
  const compilers = ["CC", "CARGO", "DENIZEN_CLANG", "PATH"].map((name) => Deno.env.get(name));
  const print = await fingerprint([folder, ...sdkSources()], {
    carrier,
    recipe,
    compilers,
    deno: Deno.version.deno,
  });
  /* Cargo itself knows the inputs of a crate. */
  if (recipe.language !== "rust" && await isFresh(output, print)) return "fresh";
  await Deno.mkdir(path.dirname(output), { recursive: true });
  const making = `${output}.${crypto.randomUUID()}`;
  try {
    const outcome = await BUILDERS[`${recipe.language} ${carrier}`]!({ ...job, output: making });
    if ("missing" in outcome) return outcome;
    await Deno.rename(making, output);
  } finally {
    await Deno.remove(making).catch(() => {});
  }
  await markFresh(output, print);
  return "compiled";
}

/** Loads the output and compares it with `pack.json`. A library is loaded only with the permission for it. */
async function describe(
  pack: PackFile,
  carrier: CarrierKind,
  file: string,
  bytes: Uint8Array<ArrayBuffer>,
): Promise<PackDescription | undefined> {
  if (carrier === "native") {
    const { state } = await Deno.permissions.query({ name: "ffi", path: file });
    if (state !== "granted") return undefined;
  }
  let loaded: Carrier;
  try {
    loaded = carrier === "native" ? openNative(file) : openWasm(bytes);
  } catch (cause) {
    throw new BuildFailure(
      `Cannot build the pack as its ${carrier} carrier does not load: ${(cause as Error).message}`,
      "",
      cause,
    );
  }
  const { description } = loaded;
  loaded.close();
  const difference = differenceOf(pack, description);
  if (difference) throw new BuildFailure(`Cannot build the pack as its ${carrier} carrier ${difference}`);
  return description;
}

/** The difference between the code and `pack.json`, with the fix. */
function differenceOf(pack: PackFile, description: PackDescription): string | undefined {
  for (const field of ["name", "version"] as const) {
    if (description[field] === pack[field]) continue;
    return `has the ${field} "${description[field]}" where pack.json says "${pack[field]}"`;
  }
  const names = JSON.stringify(description.templates.map(({ name }) => name));
  if (names === JSON.stringify(pack.templates)) return undefined;
  return `registers other templates than pack.json says: write there "templates": ${names}, or change the code`;
}

if (import.meta.main) {
  for (const folder of Deno.args) {
    const { manifest, skipped } = await buildPack(folder);
    for (const { path, bytes, sha256 } of manifest.files) console.log(`${path}  ${bytes} bytes  ${sha256}`);
    for (const { carrier, missing } of skipped) console.log(`${carrier} not built as there is no ${missing}`);
  }
}
