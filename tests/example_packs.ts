/** The packs that an example's `deno.json` names, built for real. */
import { buildPack, type CarrierKind } from "@denizen/pack-sdk/build";
import { findPacks, type PackRequest } from "@denizen/runtime";
import * as path from "node:path";
import { ROOT } from "./tidy/source_tree.ts";

export interface ExamplePacks {
  readonly requests: readonly PackRequest[];
  /** What cannot run because this machine lacks a compiler; `undefined` if nothing is missing. */
  readonly missing: string | undefined;
}

/** @param needed the carriers that the test is about; others may be missing. */
export async function examplePacks(
  example: string,
  needed: readonly CarrierKind[],
): Promise<ExamplePacks> {
  const folder = path.join(ROOT, "examples", example);
  const requests = [...(await findPacks({ settings: await settingsIn(folder), folder })).values()];
  const missing: string[] = [];
  for (const request of requests) {
    const { manifest, skipped } = await buildPack(request.path);
    for (const { carrier, missing: compiler } of skipped) {
      if (needed.includes(carrier)) missing.push(`${manifest.name} as ${carrier} needs ${compiler}`);
    }
  }
  return { requests, missing: missing.length > 0 ? missing.join(", ") : undefined };
}

async function settingsIn(folder: string): Promise<unknown> {
  try {
    return JSON.parse(await Deno.readTextFile(path.join(folder, "deno.json"))).denizen?.packs;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}
