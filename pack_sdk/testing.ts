/**
 * For the tests of packs: builds a pack, and hands out every carrier of it that this machine has the compiler for.
 *
 * @module
 */
import * as path from "node:path";
import { fileURLToPath } from "node:url";
import { buildPack } from "./build/build.ts";
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
 * The carriers of the pack in a folder. A missing compiler is printed, and leaves the carrier out; with `CI=true` it is an error, as a test
 * that is skipped there is never run.
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

/** A fresh instance of a template, by its name. */
export function instanceOf(carrier: Carrier, template: string): number {
  const factory = carrier.description.templates.findIndex(({ name }) => name === template);
  if (factory === -1) throw new Error(`The pack has no template "${template}"`);
  return carrier.create(factory);
}
