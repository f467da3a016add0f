/**
 * Where a pack runs, and why: decided from what the app asks for, what the pack has and what this program may
 * do, before anything of the pack is run. The reason is logged and shown.
 */
import { WASM_TARGET } from "@denizen/pack-sdk";
import { basename, extname } from "node:path";
import { DenizenError } from "../errors.ts";
import { openPackFiles, type PackFiles } from "./bundle/pack_files.ts";
import type { PackMode, PackRequest } from "./bundle/pack_settings.ts";

/**
 * How far a pack is kept from the node: `native` in its process, `isolated` in a process of its own, `wasm`
 * as WebAssembly on the node's thread, `worker` as WebAssembly in a worker.
 */
export type IsolationMode = "native" | "isolated" | "wasm" | "worker";

/** What the choice depends on. */
export interface Circumstances {
  readonly pack: string;
  readonly mode: PackMode;
  readonly hasWasm: boolean;
  /** The pack has a library for this platform that keeps to the contract. */
  readonly hasNative: boolean;
  /** The app's `deno.json` allows the native code of this pack. */
  readonly allowsNative: boolean;
  /** The app's `deno.json` or the pack's signature allows it to run on the node's thread. */
  readonly trusted: boolean;
  /** Deno was started with `--allow-ffi`. */
  readonly ffi: boolean;
  /** A child process can be started, and starting it is permitted. */
  readonly run: boolean;
  /** Calls have a time limit, so it must be possible to stop them. */
  readonly timeLimited: boolean;
}

export interface CarrierChoice {
  readonly isolation: IsolationMode;
  readonly reason: string;
}

/** What the program that loads a pack may do. */
export type LoaderRights = Pick<Circumstances, "ffi" | "run">;

/** A pack's files, and where the pack runs. */
export interface ChosenPack {
  readonly name: string;
  readonly files: PackFiles;
  readonly trusted: boolean;
  readonly choice: CarrierChoice;
}

/**
 * @throws {DenizenError} what is wrong with its files, `pack_untrusted`, `pack_denied` or
 * `pack_incompatible`.
 */
export async function openAndChoose(request: PackRequest, rights: LoaderRights): Promise<ChosenPack> {
  const files = await openPackFiles(request.path);
  const name = files.manifest?.name ?? basename(request.path, extname(request.path));
  const trusted = checkTrust(request, files);
  // Native libraries of Reflow hold objects of a Rust compiler, which only a host of the same compiler can
  // use.
  const isReflow = files.manifest?.format === "reflow";
  const choice = chooseCarrier({
    pack: name,
    mode: request.mode ?? "auto",
    hasWasm: files.targets.has(WASM_TARGET),
    hasNative: !isReflow && files.targets.has(Deno.build.target),
    allowsNative: request.native === true,
    trusted,
    ...rights,
    timeLimited: request.timeLimitMs !== undefined,
  });
  return { name, files, trusted, choice };
}

export interface PlannedPack {
  readonly name: string;
  readonly choice: CarrierChoice;
}

/** @throws {DenizenError} the reason it cannot be loaded, as far as that is known without running it. */
export async function planPack(request: PackRequest, rights: LoaderRights): Promise<PlannedPack> {
  const { name, choice } = await openAndChoose(request, rights);
  return { name, choice };
}

/**
 * Whether a pack is trusted.
 *
 * @throws {DenizenError} `pack_untrusted` if a key is asked for and the pack is not signed with it.
 */
export function checkTrust(
  { key, trusted }: Pick<PackRequest, "key" | "trusted">,
  { signedBy, path }: PackFiles,
): boolean {
  if (key === undefined) return trusted === true;
  if (key === signedBy) return true;
  const reason = signedBy === undefined ? "it is not signed" : `another key signed it: ${signedBy}`;
  throw new DenizenError("pack_untrusted", `Cannot trust the pack at ${path} as ${reason}`);
}

/** Why native code cannot run at all; `undefined` if it can. */
function againstNative({ hasNative, allowsNative }: Circumstances): string | undefined {
  if (!hasNative) return `it has no library for ${Deno.build.target}`;
  if (!allowsNative) return 'denizen.packs does not say "native": true';
  return undefined;
}

function againstInProcess(about: Circumstances): string | undefined {
  const reason = againstNative(about);
  if (reason) return reason;
  return about.ffi ? undefined : "--allow-ffi is not granted";
}

function againstIsolated(about: Circumstances): string | undefined {
  const reason = againstNative(about);
  if (reason) return reason;
  return about.run
    ? undefined
    : "no process may be started: --allow-run is not granted, or this is a compiled program";
}

function chooseWasm(about: Circumstances, reason: string): CarrierChoice {
  if (about.timeLimited) {
    return { isolation: "worker", reason: `${reason}; in a worker as it has a time limit` };
  }
  if (!about.trusted) return { isolation: "worker", reason: `${reason}; in a worker as it is not trusted` };
  return { isolation: "wasm", reason: `${reason}; on the node's thread as it is trusted` };
}

function refuse({ pack, hasNative, hasWasm, mode }: Circumstances, reason: string): DenizenError {
  const nothingFits = mode === "wasm" ? !hasWasm : !hasNative;
  return new DenizenError(
    nothingFits ? "pack_incompatible" : "pack_denied",
    `Cannot load the pack ${pack} as ${reason}: mode ${mode}`,
    { data: { pack } },
  );
}

/**
 * @throws {DenizenError} `pack_denied` if something is not permitted, `pack_incompatible` if the pack has no
 * suitable file.
 */
export function chooseCarrier(about: Circumstances): CarrierChoice {
  const { mode } = about;
  if (mode === "native" || mode === "isolated") {
    const reason = mode === "native" ? againstInProcess(about) : againstIsolated(about);
    if (reason) throw refuse(about, reason);
    return { isolation: mode, reason: "denizen.packs asks for it" };
  }
  if (mode === "wasm") {
    if (!about.hasWasm) throw refuse(about, "it has no WebAssembly module");
    return chooseWasm(about, "denizen.packs asks for wasm");
  }
  const against = againstInProcess(about) ??
    (about.trusted ? undefined : "it is not trusted") ??
    (about.timeLimited ? "native code in this process cannot be stopped at its time limit" : undefined);
  if (!against) return { isolation: "native", reason: "it is trusted, and --allow-ffi is granted" };
  if (about.hasWasm) return chooseWasm(about, `wasm as ${against}`);
  const isolation = againstIsolated(about);
  if (isolation) throw refuse(about, isolation);
  return { isolation: "isolated", reason: `it has no WebAssembly module, and ${against}` };
}
