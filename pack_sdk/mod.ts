/**
 * The contract between Denizen and packs: constants and symbols, frames, metadata and manifest, and the two
 * carriers.
 *
 * @module
 */
export {
  ABI_MAJOR,
  ABI_MINOR,
  ABI_VERSION,
  FEATURE,
  FEATURES_REQUIRED_MASK,
  FRAME_BYTES_MAX,
  FRAME_DEPTH_MAX,
  IMPORT,
  METADATA_BYTES_MAX,
  NATIVE_SYMBOLS,
  REGISTER_STATUS,
  REGISTER_TEMPLATE,
  SYMBOL,
  TEMPLATE_ID_BYTES_MAX,
  TEMPLATES_MAX,
  TICK_STATUS,
  WASM_EXPORTS,
  type WasmExports,
} from "./abi.ts";
export { type Carrier, checkHandshake, type RunResult } from "./carrier.ts";
export { FrameMemory } from "./frame_memory.ts";
export { readFrame, readResult } from "./frame_reader.ts";
export { type Ports, type SpanSink, writeFrame, writePayload } from "./frame_writer.ts";
export {
  type PackDescription,
  parseDescription,
  parseMetadata,
  parseTemplate,
  parseTemplates,
  Registrations,
  type TemplateDescription,
} from "./metadata.ts";
export {
  composeManifest,
  type Manifest,
  MANIFEST_FILE,
  type ManifestFile,
  type PackManifest,
  type PackTarget,
  parseManifest,
  rewriteManifest,
  WASM_TARGET,
} from "./manifest.ts";
export { type Fields, JsonChecker } from "./json_checker.ts";
export { isPrintable } from "./printable.ts";
export { isSafeName } from "./safe_name.ts";
export { sha256 } from "./sha256.ts";
export { openNative } from "./native.ts";
export { PackFault, type PackFaultCode } from "./pack_fault.ts";
export { openWasm, type WasmOptions } from "./wasm.ts";
export { unwindingText, unwinds } from "./unwinding.ts";
