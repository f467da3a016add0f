/**
 * Compiles what the pack figures measure: packs with the SDK, and the peers. Without the compiler a figure
 * is skipped; where `CI` is set, it fails.
 */
import { buildPack, type CarrierKind } from "@denizen/pack-sdk/build";
import { output, Unavailable } from "../child.ts";
import { DATA_ROOT } from "../folder.ts";

const ROOT = new URL("../../", import.meta.url);

const packs = new Map<string, ReturnType<typeof buildPack>>();

function lacks(text: string): Error {
  return Deno.env.get("CI") === "true" ? new Error(`Cannot measure as ${text}`) : new Unavailable(text);
}

/** The file of a pack's carrier. `folder` is relative to the repository. */
export async function builtPack(folder: string, carrier: CarrierKind): Promise<string> {
  const path = new URL(folder, ROOT).pathname;
  let building = packs.get(folder);
  if (!building) packs.set(folder, building = buildPack(path));
  const { manifest, target, skipped } = await building;
  const missing = skipped.find((one) => one.carrier === carrier)?.missing;
  if (missing !== undefined) throw lacks(`there is no ${missing}`);
  const file = manifest.files.find((one) => one.carrier === carrier);
  if (!file) throw new Error(`Cannot measure ${folder} as it has no ${carrier} carrier`);
  return `${target}/${file.path}`;
}

/** A C file of `peers/` as a WebAssembly module, compiled as the SDK compiles packs. */
export async function builtModule(name: string): Promise<string> {
  await Deno.mkdir(DATA_ROOT, { recursive: true });
  const file = `${DATA_ROOT}${name}.wasm`;
  const flags = [
    "--target=wasm32",
    "-std=c11",
    "-O2",
    "-ffreestanding",
    "-nostdlib",
    "-mbulk-memory",
    "-msimd128",
  ];
  const link = ["-fvisibility=hidden", "-Wl,--no-entry", "-Wl,--strip-all", "-Wl,--stack-first"];
  const include = `-I${new URL("pack_sdk/c", ROOT).pathname}`;
  const source = new URL(`../peers/${name}.c`, import.meta.url).pathname;
  await toolOutput("clang", [...flags, ...link, include, source, "-o", file]);
  return file;
}

/** A crate of `peers/` as a program. */
export async function builtCrate(name: string, program: string): Promise<string> {
  const manifest = new URL(`../peers/${name}/Cargo.toml`, import.meta.url).pathname;
  const target = `${DATA_ROOT}cargo`;
  await toolOutput("cargo", [
    "build",
    "--release",
    "--locked",
    `--manifest-path=${manifest}`,
    `--target-dir=${target}`,
  ]);
  return `${target}/release/${program}`;
}

async function toolOutput(tool: string, args: readonly string[]): Promise<void> {
  await output(tool, tool, args).catch((error) => {
    throw error instanceof Unavailable ? lacks(error.message) : error;
  });
}
