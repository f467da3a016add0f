/** WebAssembly packs built with the Reflow SDK, through `__reflow_pack_actor_run` alone. */
import {
  type Carrier,
  FEATURE,
  IMPORT,
  type PackDescription,
  PackFault,
  parseMetadata,
  parseTemplate,
  type Ports,
  REGISTER_STATUS,
  Registrations,
  type RunResult,
  SYMBOL,
  type TemplateDescription,
  TICK_STATUS,
  unwindingText,
  unwinds,
  type WasmExports,
} from "@denizen/pack-sdk";
import { messageOf } from "../../errors.ts";
import { fromMessage, parseReflowJson, type ReflowDialect, toMessage, writeReflowJson } from "./messages.ts";

const VERSION_EXPORT = "reflow_pack_abi_version";

const EXPORTS = [
  SYMBOL.registerWasm,
  SYMBOL.alloc,
  SYMBOL.free,
  SYMBOL.create,
  SYMBOL.destroy,
  SYMBOL.run,
] as const;

/** The exports that Reflow's contract shares with ours. */
type ReflowExports = WebAssembly.Exports & Pick<WasmExports, "memory" | typeof EXPORTS[number]>;

export function isReflowModule(exported: readonly string[]): boolean {
  return exported.includes(VERSION_EXPORT);
}

class ReflowCarrier implements Carrier {
  readonly kind = "wasm";
  readonly abi = 0;
  readonly features = FEATURE.persistent;
  readonly canTickAsync = false;
  readonly #exports: ReflowExports;
  readonly #templates: readonly TemplateDescription[];
  /** "plain" once the pack has sent a plain object, which the other dialect never has. */
  #dialect: ReflowDialect = "bytes";
  #closed = false;
  #trap: unknown;

  constructor(exports: ReflowExports, templates: readonly TemplateDescription[]) {
    this.#exports = exports;
    this.#templates = templates;
  }

  get description(): PackDescription {
    return { name: "", version: "", templates: this.#templates };
  }

  get closed(): boolean {
    return this.#closed;
  }

  create(factory: number): number {
    const instance = this.#call(() => this.#exports[SYMBOL.create](factory)) >>> 0;
    if (instance !== 0) return instance;
    throw new PackFault("instance", `Cannot create an instance as the pack refused: factory ${factory}`);
  }

  destroy(instance: number): void {
    this.#call(() => this.#exports[SYMBOL.destroy](instance));
  }

  tick(instance: number, input: Ports, config = "{}"): Ports {
    const payload = this.#payload(input, config, this.#dialect);
    let { status, text } = this.run(instance, payload);
    if (status === TICK_STATUS.badPayload) {
      // The actor did not run: the payload is read before it is called.
      const dialect = this.#dialect === "bytes" ? "plain" : "bytes";
      const other = this.#payload(input, config, dialect);
      const second = other === payload ? undefined : this.run(instance, other);
      if (second && second.status !== TICK_STATUS.badPayload) {
        this.#dialect = dialect;
        ({ status, text } = second);
      }
    }
    if (status !== 0) throw new PackFault("tick", errorText(status, text), status);
    return this.#output(text);
  }

  tickAsync(instance: number, input: Ports, config?: string): Promise<Ports> {
    return Promise.resolve(this.tick(instance, input, config));
  }

  run(instance: number, payload: string): RunResult {
    return this.#call(() => {
      const exports = this.#exports;
      const bytes = new TextEncoder().encode(payload);
      const input = this.#alloc(bytes.length), out = this.#alloc(8);
      new Uint8Array(exports.memory.buffer, input, bytes.length).set(bytes);
      new Uint8Array(exports.memory.buffer, out, 8).fill(0);
      const status = exports[SYMBOL.run](instance, input, bytes.length, out, out + 4);
      const view = new DataView(exports.memory.buffer);
      const at = view.getUint32(out, true), length = view.getUint32(out + 4, true);
      exports[SYMBOL.free](input, bytes.length);
      exports[SYMBOL.free](out, 8);
      if (at + length > view.byteLength) {
        throw new PackFault("result", `Cannot read the result as it is outside the memory: ${at}, ${length}`);
      }
      const text = new TextDecoder().decode(new Uint8Array(view.buffer, at, length));
      exports[SYMBOL.free](at, length);
      return { status, text };
    });
  }

  live(): number {
    return 0;
  }

  memoryBytes(): number {
    return this.#exports.memory.buffer.byteLength;
  }

  close(): void {
    this.#closed = true;
  }

  #alloc(size: number): number {
    if (size === 0) return 0;
    const at = this.#exports[SYMBOL.alloc](size) >>> 0;
    if (at !== 0 && at + size <= this.#exports.memory.buffer.byteLength) return at;
    throw new PackFault(
      "tick",
      `Cannot tick as the pack has no memory for ${size} bytes`,
      TICK_STATUS.noMemory,
    );
  }

  #payload(input: Ports, config: string, dialect: ReflowDialect): string {
    const messages = Object.entries(input).map(([port, value]) => [port, toMessage(value, dialect)]);
    const json = writeReflowJson(Object.fromEntries(messages));
    return `{"input":${json},"config":${config}}`;
  }

  #output(text: string): Ports {
    let ports: unknown;
    try {
      ports = parseReflowJson(text === "" ? "{}" : text);
    } catch (cause) {
      throw new PackFault("result", "Cannot read the result as it is not JSON", 0, cause);
    }
    if (typeof ports !== "object" || ports === null || Array.isArray(ports)) {
      throw new PackFault("result", "Cannot read the result as it is not an object");
    }
    return Object.fromEntries(
      Object.entries(ports).map(([port, message]) => {
        const { value, dialect } = fromMessage(message, this.#dialect);
        if (dialect) this.#dialect = dialect;
        return [port, value];
      }),
    );
  }

  /** An exception that leaves the module ends it. */
  #call<T>(body: () => T): T {
    if (this.#closed) {
      throw new PackFault("closed", "Cannot call the pack as it is closed", 0, this.#trap);
    }
    try {
      return body();
    } catch (error) {
      if (!unwinds(error)) throw error;
      this.#closed = true;
      this.#trap = error;
      throw new PackFault("trap", `The pack trapped: ${unwindingText(error)}`, 0, error);
    }
  }
}

/** The SDK escapes its error texts badly, so that some are not JSON. */
function errorText(status: number, text: string): string {
  try {
    const { error } = JSON.parse(text) as { error?: unknown };
    if (typeof error === "string") return error;
  } catch {
    const raw = /^\{"error":"([\s\S]*)"\}$/.exec(text)?.[1] ?? text;
    if (raw !== "") return raw.replaceAll('\\"', '"');
  }
  return `the pack returned status ${status}`;
}

/**
 * Imports that wasm-bindgen leaves in every pack of the SDK: calls into JavaScript, which only its browser
 * build resolves.
 */
const BINDGEN_MODULES: readonly string[] = ["__wbindgen_placeholder__", "__wbindgen_externref_xform__"];

/** Actors that stay in WebAssembly never call them; a call fails with the name of the import. */
function bindgenImports(module: WebAssembly.Module): WebAssembly.Imports {
  const imports: Record<string, Record<string, () => never>> = {};
  for (const { module: from, name } of WebAssembly.Module.imports(module)) {
    if (!BINDGEN_MODULES.includes(from)) continue;
    (imports[from] ??= {})[name] = () => {
      throw new PackFault("trap", `The pack calls JavaScript, which this host does not offer: ${name}`);
    };
  }
  return imports;
}

function checkModule(module: WebAssembly.Module, own: WebAssembly.Imports): void {
  for (const { module: from, name, kind } of WebAssembly.Module.imports(module)) {
    if (from in own && name in own[from]!) continue;
    if (from === "env" && name === IMPORT.registerTemplate && kind === "function") continue;
    if (BINDGEN_MODULES.includes(from) && kind === "function") continue;
    throw new PackFault(
      "not_a_pack",
      `Cannot load the pack as it imports what no host offers: ${from}.${name}`,
    );
  }
  const exported = new Map(WebAssembly.Module.exports(module).map(({ name, kind }) => [name, kind]));
  const missing: string[] = EXPORTS.filter((name) => exported.get(name) !== "function");
  if (exported.get("memory") !== "memory") missing.push("memory");
  if (missing.length === 0) return;
  throw new PackFault("not_a_pack", `Cannot load the pack as it does not export ${missing.join(", ")}`);
}

/** Instantiates a module and registers its templates. `imports` are those of the host. */
export function openReflowWasm(module: WebAssembly.Module, imports: WebAssembly.Imports = {}): Carrier {
  checkModule(module, imports);
  const registrations = new Registrations();
  const templates: TemplateDescription[] = [];
  let exports: ReflowExports | undefined, settled = false;
  const register = (at: number, length: number, factory: number): number => {
    if (settled) return REGISTER_STATUS.internal;
    const { buffer } = exports!.memory;
    const from = at >>> 0, size = length >>> 0;
    if (from + size > buffer.byteLength || factory !== templates.length) {
      throw new PackFault("register", `Cannot load the pack as it registers badly: factory ${factory}`, -99);
    }
    const template = parseTemplate(parseMetadata(new Uint8Array(buffer, from, size)));
    const status = registrations.add(template.name);
    if (status !== 0) {
      // The SDK ignores the result.
      throw new PackFault(
        "register",
        `Cannot load the pack as it registers "${template.name}" twice`,
        status,
      );
    }
    templates.push(template);
    return status;
  };
  try {
    const env = { [IMPORT.registerTemplate]: register };
    exports = new WebAssembly.Instance(module, { ...bindgenImports(module), ...imports, env })
      .exports as ReflowExports;
    const status = exports[SYMBOL.registerWasm]();
    registrations.settle(status, { name: "", version: "", templates });
    settled = true;
  } catch (error) {
    if (error instanceof PackFault) throw error;
    throw new PackFault(
      "not_a_pack",
      `Cannot load the pack as it does not start: ${messageOf(error)}`,
      0,
      error,
    );
  }
  return new ReflowCarrier(exports, templates);
}
