/** Which carrier runs a pack, and why. The reason is logged and shown. */
import { DenizenError } from "../errors.ts";
import type { PackMode } from "./bundle/pack_settings.ts";

/** What it gets: `wasm` on the node's thread, `worker` beside it. */
export type PackPlace = "native" | "isolated" | "wasm" | "worker";

/** What speaks for and against each. */
export interface Circumstances {
  readonly pack: string;
  readonly mode: PackMode;
  readonly hasWasm: boolean;
  /** It has a library for this platform that keeps to the contract. */
  readonly hasNative: boolean;
  /** The app's `deno.json` allows native code of this pack. */
  readonly allowsNative: boolean;
  /** The app's `deno.json` or its signature says that it may run on the node's own thread. */
  readonly trusted: boolean;
  /** Deno was started with `--allow-ffi`. */
  readonly ffi: boolean;
  /** There is a way to start a child process, and it is permitted. */
  readonly run: boolean;
  /** One call has a time limit, so it must be possible to stop it. */
  readonly timeLimited: boolean;
}

export interface CarrierChoice {
  readonly place: PackPlace;
  readonly reason: string;
}

/** Why native code is out of the question; `undefined` if it is not. */
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

function wasmPlace(about: Circumstances, reason: string): CarrierChoice {
  if (about.timeLimited) return { place: "worker", reason: `${reason}; in a worker as it has a time limit` };
  if (!about.trusted) return { place: "worker", reason: `${reason}; in a worker as it is not trusted` };
  return { place: "wasm", reason: `${reason}; on the node's thread as it is trusted` };
}

function refuse({ pack, hasNative, hasWasm, mode }: Circumstances, reason: string): DenizenError {
  const nothingFits = mode === "wasm" ? !hasWasm : !hasNative;
  return new DenizenError(
    nothingFits ? "pack_incompatible" : "pack_denied",
    `Cannot load the pack ${pack} as ${reason}: mode ${mode}`,
    { data: { pack } },
  );
}

/** @throws {DenizenError} `pack_denied` if something is not permitted, `pack_incompatible` if the pack has no fitting file. */
export function chooseCarrier(about: Circumstances): CarrierChoice {
  const { mode } = about;
  if (mode === "native" || mode === "isolated") {
    const reason = mode === "native" ? againstInProcess(about) : againstIsolated(about);
    if (reason) throw refuse(about, reason);
    return { place: mode, reason: "denizen.packs asks for it" };
  }
  if (mode === "wasm") {
    if (!about.hasWasm) throw refuse(about, "it has no WebAssembly module");
    return wasmPlace(about, "denizen.packs asks for wasm");
  }
  const against = againstInProcess(about) ??
    (about.trusted ? undefined : "it is not trusted") ??
    (about.timeLimited ? "native code in this process cannot be stopped at its time limit" : undefined);
  if (!against) return { place: "native", reason: "it is trusted, and --allow-ffi is granted" };
  if (about.hasWasm) return wasmPlace(about, `wasm as ${against}`);
  const isolation = againstIsolated(about);
  if (isolation) throw refuse(about, isolation);
  return { place: "isolated", reason: `it has no WebAssembly module, and ${against}` };
}
