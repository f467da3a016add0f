/** Loading a native pack through `Deno.dlopen`. */
import { NATIVE_SYMBOLS, REGISTER_STATUS, REGISTER_TEMPLATE, SYMBOL } from "./abi.ts";
import { type Carrier, checkHandshake } from "./carrier.ts";
import { type PackDescription, parseDescription, Registrations } from "./metadata.ts";
import { type Library, NativeCarrier, readPointer } from "./native_carrier.ts";
import { PackFault } from "./pack_fault.ts";

function open(path: string): Library {
  try {
    return Deno.dlopen(path, NATIVE_SYMBOLS);
  } catch (cause) {
    if (cause instanceof Deno.errors.NotCapable) throw cause;
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new PackFault(
      "not_a_pack",
      `Cannot load the pack as its library does not open: ${reason}`,
      0,
      cause,
    );
  }
}

function describe(library: Library): PackDescription {
  const out = new BigUint64Array(2);
  const status = library.symbols[SYMBOL.describe](
    out.subarray(0, 1),
    out.subarray(1),
  );
  if (status !== 0) {
    throw new PackFault(
      "metadata",
      `Cannot load the pack as it does not describe itself: status ${status}`,
      status,
    );
  }
  return parseDescription(readPointer(out[0]!, out[1]!));
}

/** Calls `reflow_pack_register` with a host table that records the templates' ids. */
function register(library: Library, description: PackDescription): void {
  const registrations = new Registrations();
  const callback = new Deno.UnsafeCallback(
    REGISTER_TEMPLATE,
    (host, id, factory) => {
      if (
        host === null || id === null || factory === null
      ) return REGISTER_STATUS.nullArgument;
      try {
        const view = new Deno.UnsafePointerView(id);
        const bytes: number[] = [];
        for (
          let byte = view.getUint8(0);
          byte !== 0 && bytes.length <= 4096;
          byte = view.getUint8(bytes.length)
        ) {
          bytes.push(byte);
        }
        return registrations.add(
          new TextDecoder("utf-8", { fatal: true }).decode(
            new Uint8Array(bytes),
          ),
        );
      } catch {
        return REGISTER_STATUS.badUtf8;
      }
    },
  );
  try {
    const table = new BigUint64Array(2);
    /* Passed back and never read by the pack: any address except null is valid. */
    table[0] = Deno.UnsafePointer.value(Deno.UnsafePointer.of(table));
    table[1] = Deno.UnsafePointer.value(callback.pointer);
    registrations.settle(
      library.symbols[SYMBOL.registerNative](table),
      description,
    );
  } finally {
    callback.close();
  }
}

/**
 * Loads a library and registers its templates. After a failure nothing stays loaded. Needs `--allow-ffi` for
 * the file. Two loads of one file at the same time are one library to the system, with one set of variables:
 * load copies of it.
 */
export function openNative(path: string): Carrier {
  const library = open(path);
  let known = false;
  try {
    const abi = library.symbols[SYMBOL.abi](),
      features = library.symbols[SYMBOL.features]();
    checkHandshake(abi, features);
    known = true;
    const description = describe(library);
    register(library, description);
    return new NativeCarrier(library, abi, features, description);
  } catch (error) {
    // Only its own code can free what it has allocated.
    if (known) library.symbols[SYMBOL.shutdown]();
    library.close();
    throw error;
  }
}
