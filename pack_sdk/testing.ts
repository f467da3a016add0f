/**
 * For the tests of packs: builds a pack, and returns every carrier for which this machine has the compiler.
 *
 * @module
 */
import * as path from "node:path";
import { fileURLToPath } from "node:url";
import { buildPack } from "./build/build.ts";
import { findTool } from "./build/tool.ts";
import type { CarrierKind } from "./build/pack_file.ts";
import type { Carrier } from "./carrier.ts";
import { openNative } from "./native.ts";
import { openWasm } from "./wasm.ts";

/** One carrier, built. */
export interface BuiltCarrier {
  readonly kind: CarrierKind;
  readonly file: string;
  open(): Carrier;
}

/**
 * The carriers of the pack in a folder. With a missing compiler, which is printed, the carrier is left out;
 * with `CI=true` it is an error, because a test that CI skips never runs.
 */
export async function builtCarriers(folder: URL | string): Promise<BuiltCarrier[]> {
  const { manifest, target, skipped } = await buildPack(
    folder instanceof URL ? fileURLToPath(folder) : folder,
  );
  for (const { carrier, missing } of skipped) {
    const text = `${manifest.name} is not tested as ${carrier}: there is no ${missing}`;
    if (Deno.env.get("CI") === "true") throw new Error(text);
    console.warn(text);
  }
  return manifest.files.map((built) => {
    const file = path.join(target, built.path);
    const open = () => built.carrier === "native" ? openNative(file) : openWasm(Deno.readFileSync(file));
    return { kind: built.carrier, file, open };
  });
}

/** A new instance of a template, by its name. */
export function instanceOf(carrier: Carrier, template: string): number {
  const factory = carrier.description.templates.findIndex(({ name }) => name === template);
  if (factory === -1) throw new Error(`The pack has no template "${template}"`);
  return carrier.create(factory);
}

/** The programs needed for both carriers of a pack, by its language. */
const COMPILERS: Readonly<Record<"c" | "rust", () => (string | undefined | false)[]>> = {
  c: () => [
    !findTool(["cc", "gcc", "clang"], "CC") && "a C compiler",
    !findTool(["clang"], "DENIZEN_CLANG") && "clang",
    !findTool(["wasm-ld"]) && "lld",
  ],
  rust: () => [!findTool(["cargo"], "CARGO") && "cargo"],
};

/**
 * Options of `Deno.test` for a test that compiles packs of a language: without its compilers it is skipped,
 * and they are printed once per file; with `CI=true` it runs, and fails.
 */
export function needsCompilers(language: "c" | "rust"): { readonly ignore: boolean } {
  const missing = COMPILERS[language]().filter((compiler) => typeof compiler === "string").join(", ");
  const ignore = missing !== "" && Deno.env.get("CI") !== "true";
  if (ignore) console.warn(`Tests that compile are skipped: there is no ${missing}`);
  return { ignore };
}
