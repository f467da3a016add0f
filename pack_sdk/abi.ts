/** The constants of `ABI.md` and the symbols of a native pack, in the form that `Deno.dlopen` takes. */

export const ABI_MAJOR = 1;
export const ABI_MINOR = 0;
export const ABI_VERSION = ABI_MAJOR << 16 | ABI_MINOR;

/** The result of a registration (section 3). */
export const REGISTER_STATUS = {
  ok: 0,
  nullArgument: -1,
  badUtf8: -2,
  duplicate: -3,
  tooMany: -4,
  internal: -99,
} as const;

/** The result of a failed tick (section 6). */
export const TICK_STATUS = {
  noInstance: -1,
  notUtf8: -2,
  badPayload: -3,
  failed: -4,
  unwritable: -5,
  noMemory: -6,
  panic: -99,
} as const;

/** Bits of `denizen_pack_features` (section 7). */
export const FEATURE = {
  frames: 1 << 0,
  threads: 1 << 1,
  persistent: 1 << 2,
  wait: 1 << 3,
  spans: 1 << 4,
} as const;
/** Required features. A pack with one of these bits is not loaded: this version knows none. */
export const FEATURES_REQUIRED_MASK = 0xffff_0000;

export const TEMPLATES_MAX = 10_000;
export const TEMPLATE_ID_BYTES_MAX = 256;
export const METADATA_BYTES_MAX = 1024 * 1024;
export const FRAME_BYTES_MAX = 256 * 1024 * 1024;
/** How deep values may nest in frames that the host writes, and in its search for attachments. */
export const FRAME_DEPTH_MAX = 240;

/** The symbols that both carriers export. */
export const SYMBOL = {
  abi: "denizen_pack_abi",
  features: "denizen_pack_features",
  describe: "denizen_pack_describe",
  registerNative: "reflow_pack_register",
  registerWasm: "__reflow_pack_register",
  alloc: "__reflow_pack_alloc",
  free: "__reflow_pack_free",
  create: "__reflow_pack_create_actor",
  destroy: "__reflow_pack_destroy_actor",
  run: "__reflow_pack_actor_run",
  tick: "denizen_actor_tick",
  tickSpans: "denizen_actor_tick_spans",
  take: "denizen_actor_take",
  live: "denizen_pack_live",
  shutdown: "denizen_pack_shutdown",
} as const;

/** The imports that a wasm module may have, all from `env`. */
export const IMPORT = {
  registerTemplate: "__reflow_pack_register_template",
  wait: "denizen_wait",
} as const;

/** The signature of `register_template`, for the callback in the host's table. */
export const REGISTER_TEMPLATE = {
  parameters: ["pointer", "pointer", "pointer", "pointer", "pointer"],
  result: "i32",
} as const;

/** Frames are passed by address: they are not copied, and a call costs a few nanoseconds. */
const TICK_PARAMETERS = ["u32", "pointer", "u32", "pointer", "u32"] as const;

/** For `Deno.dlopen`. */
export const NATIVE_SYMBOLS = {
  [SYMBOL.abi]: { parameters: [], result: "u32" },
  [SYMBOL.features]: { parameters: [], result: "u32" },
  [SYMBOL.describe]: { parameters: ["buffer", "buffer"], result: "i32" },
  [SYMBOL.registerNative]: { parameters: ["buffer"], result: "i32" },
  [SYMBOL.alloc]: { parameters: ["usize"], result: "pointer" },
  [SYMBOL.free]: { parameters: ["pointer", "usize"], result: "void" },
  [SYMBOL.create]: { parameters: ["u32"], result: "u32" },
  [SYMBOL.destroy]: { parameters: ["u32"], result: "void" },
  [SYMBOL.run]: {
    parameters: ["u32", "buffer", "usize", "buffer", "buffer"],
    result: "i32",
  },
  [SYMBOL.tick]: { parameters: TICK_PARAMETERS, result: "i32" },
  tick_async: {
    name: SYMBOL.tick,
    parameters: TICK_PARAMETERS,
    result: "i32",
    nonblocking: true,
  },
  /** Only with the feature "spans". */
  [SYMBOL.tickSpans]: {
    parameters: ["u32", "pointer", "u32", "pointer", "u32", "pointer", "u32"],
    result: "i32",
    optional: true,
  },
  [SYMBOL.take]: { parameters: ["u32", "pointer", "u32"], result: "i32" },
  [SYMBOL.live]: { parameters: [], result: "u32" },
  [SYMBOL.shutdown]: { parameters: [], result: "void" },
} as const;

/** The exports of a wasm pack. */
export interface WasmExports extends WebAssembly.Exports {
  readonly memory: WebAssembly.Memory;
  denizen_pack_abi(): number;
  denizen_pack_features(): number;
  denizen_pack_describe(out: number, outLength: number): number;
  __reflow_pack_register(): number;
  __reflow_pack_alloc(size: number): number;
  __reflow_pack_free(pointer: number, size: number): void;
  __reflow_pack_create_actor(factory: number): number;
  __reflow_pack_destroy_actor(instance: number): void;
  __reflow_pack_actor_run(
    instance: number,
    input: number,
    inputLength: number,
    out: number,
    outLength: number,
  ): number;
  denizen_actor_tick(
    instance: number,
    input: number,
    inputLength: number,
    out: number,
    outCapacity: number,
  ): number;
  denizen_actor_take(instance: number, out: number, outCapacity: number): number;
  denizen_pack_live(): number;
  denizen_pack_shutdown(): void;
}

export const WASM_EXPORTS = [
  SYMBOL.abi,
  SYMBOL.features,
  SYMBOL.describe,
  SYMBOL.registerWasm,
  SYMBOL.alloc,
  SYMBOL.free,
  SYMBOL.create,
  SYMBOL.destroy,
  SYMBOL.run,
  SYMBOL.tick,
  SYMBOL.take,
  SYMBOL.live,
  SYMBOL.shutdown,
] as const;
