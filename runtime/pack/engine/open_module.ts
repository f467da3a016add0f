/**
 * Opens a WebAssembly pack in the dialect it speaks: the contract of `pack_sdk/ABI.md`, or that of the Reflow
 * SDK (its section 9).
 */
import { type Carrier, openWasm, PackFault, SYMBOL, type WasmOptions } from "@denizen/pack-sdk";
import { messageOf } from "../../errors.ts";
import { isReflowModule, openReflowWasm } from "../reflow/carrier.ts";

export async function compileModule(bytes: Uint8Array<ArrayBuffer>): Promise<WebAssembly.Module> {
  try {
    return await WebAssembly.compile(bytes);
  } catch (cause) {
    const reason = `Cannot load the pack as it is not a WebAssembly module: ${messageOf(cause)}`;
    throw new PackFault("not_a_pack", reason, 0, cause);
  }
}

export function openModule(module: WebAssembly.Module, options?: WasmOptions): Carrier {
  const exported = WebAssembly.Module.exports(module).map(({ name }) => name);
  return !exported.includes(SYMBOL.abi) && isReflowModule(exported)
    ? openReflowWasm(module, options?.imports)
    : openWasm(module, options);
}
