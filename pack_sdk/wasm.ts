/** Loading a pack that is a WebAssembly module. */
import { IMPORT, REGISTER_STATUS, SYMBOL, WASM_EXPORTS, type WasmExports } from "./abi.ts";
import { type Carrier, checkHandshake } from "./carrier.ts";
import { parseMetadata, parseTemplate, Registrations } from "./metadata.ts";
import { PackFault } from "./pack_fault.ts";
import { suspension, WasmCarrier } from "./wasm_carrier.ts";

export interface WasmOptions {
  /** Waits `ms` milliseconds, for ticks that are suspended. Default: a timer. */
  readonly wait?: (ms: number) => Promise<void>;
  /** Additional imports for code that the host has added to the module, by module and name. */
  readonly imports?: WebAssembly.Imports;
}

function checkModule(module: WebAssembly.Module, own: WebAssembly.Imports): void {
  const known: string[] = Object.values(IMPORT);
  for (
    const { module: from, name, kind } of WebAssembly.Module.imports(module)
  ) {
    if (from in own && name in own[from]!) continue;
    if (from !== "env" || !known.includes(name) || kind !== "function") {
      throw new PackFault(
        "not_a_pack",
        `Cannot load the pack as it imports what no host offers: ${from}.${name}`,
      );
    }
  }
  const exported = new Map(WebAssembly.Module.exports(module).map(({ name, kind }) => [name, kind]));
  const missing: string[] = WASM_EXPORTS.filter((name) => exported.get(name) !== "function");
  if (exported.get("memory") !== "memory") missing.push("memory");
  if (missing.length > 0) {
    throw new PackFault(
      "not_a_pack",
      `Cannot load the pack as it does not export ${missing.join(", ")}`,
    );
  }
}

/** Instantiates a module and registers its templates. `source` is the module or its bytes. */
export function openWasm(
  source: WebAssembly.Module | Uint8Array<ArrayBuffer>,
  options: WasmOptions = {},
): Carrier {
  let module: WebAssembly.Module;
  try {
    module = source instanceof WebAssembly.Module ? source : new WebAssembly.Module(source);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new PackFault(
      "not_a_pack",
      `Cannot load the pack as it is not a WebAssembly module: ${reason}`,
      0,
      cause,
    );
  }
  const imports = options.imports ?? {};
  checkModule(module, imports);
  const registrations = new Registrations();
  const wait = options.wait ??
    ((ms) => new Promise<void>((resolve) => setTimeout(resolve, ms)));
  let memory: WebAssembly.Memory | undefined, settled = false;
  const env = {
    [IMPORT.registerTemplate]: (
      at: number,
      length: number,
      factory: number,
    ): number => {
      if (settled) return REGISTER_STATUS.internal;
      const from = at >>> 0, bytes = memory!.buffer.byteLength;
      if (
        from + (length >>> 0) > bytes || factory !== registrations.ids.length
      ) return -99;
      const meta = new Uint8Array(memory!.buffer, from, length >>> 0);
      return registrations.add(parseTemplate(parseMetadata(meta)).name);
    },
    [IMPORT.wait]: suspension.Suspending ? new suspension.Suspending(wait) : () => {},
  };
  try {
    const exports = new WebAssembly.Instance(module, { ...imports, env })
      .exports as WasmExports;
    memory = exports.memory;
    const abi = exports[SYMBOL.abi]() >>> 0,
      features = exports[SYMBOL.features]() >>> 0;
    checkHandshake(abi, features);
    const carrier = new WasmCarrier(exports, abi, features);
    carrier.start(registrations);
    settled = true;
    return carrier;
  } catch (error) {
    if (error instanceof PackFault) throw error;
    const reason = error instanceof Error ? error.message : String(error);
    throw new PackFault(
      "not_a_pack",
      `Cannot load the pack as it does not start: ${reason}`,
      0,
      error,
    );
  }
}
