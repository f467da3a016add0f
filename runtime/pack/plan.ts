/** Where a pack would run, and why there, before anything of it is run. */
import { basename, extname } from "node:path";
import { DenizenError } from "../errors.ts";
import { type CarrierChoice, chooseCarrier, type Circumstances } from "./carrier_choice.ts";
import { WASM_TARGET } from "./bundle/manifest.ts";
import { openPackFiles, type PackFiles } from "./bundle/pack_files.ts";
import type { PackRequest } from "./bundle/pack_settings.ts";

/** What the program that loads a pack may do. */
export type LoaderRights = Pick<Circumstances, "ffi" | "run">;

export interface PlannedPack {
  readonly name: string;
  readonly choice: CarrierChoice;
}

/** @throws {DenizenError} whatever keeps it from being loaded and can be told without running it. */
export async function planPack(request: PackRequest, rights: LoaderRights): Promise<PlannedPack> {
  const files = await openPackFiles(request.path);
  const name = files.manifest?.name ?? basename(request.path, extname(request.path));
  return { name, choice: choosePlace(name, request, files, checkTrust(request, files), rights) };
}

export function choosePlace(
  pack: string,
  request: PackRequest,
  files: PackFiles,
  trusted: boolean,
  rights: LoaderRights,
): CarrierChoice {
  // Native libraries of Reflow hold objects of a Rust compiler, which only the same compiler's host could use.
  const isReflow = files.manifest?.format === "reflow";
  return chooseCarrier({
    pack,
    mode: request.mode ?? "auto",
    hasWasm: files.targets.has(WASM_TARGET),
    hasNative: !isReflow && files.targets.has(Deno.build.target),
    allowsNative: request.native === true,
    trusted,
    ...rights,
    timeLimited: request.timeLimitMs !== undefined,
  });
}

/**
 * Says whether it is trusted.
 *
 * @throws {DenizenError} `pack_untrusted` if another key signed it than the one that is asked for, or none.
 */
export function checkTrust(
  { key, trusted }: Pick<PackRequest, "key" | "trusted">,
  { signedBy, path }: PackFiles,
): boolean {
  if (key === undefined) return trusted === true;
  if (key === signedBy) return true;
  const who = signedBy === undefined ? "nobody signed it" : `another key signed it: ${signedBy}`;
  throw new DenizenError("pack_untrusted", `Cannot trust the pack at ${path} as ${who}`);
}
