/** Reads the `manifest.json` of a pack, whose format `@denizen/pack-sdk` defines. */
import { PackFault, type PackManifest, parseManifest } from "@denizen/pack-sdk";
import { DenizenError } from "../../errors.ts";
import { PACK_MANIFEST_BYTES_MAX } from "../../limits.ts";

/**
 * @throws {DenizenError} `pack_unreadable`; `pack_incompatible` if this host cannot run what the pack is
 * built for.
 */
export function readManifest(bytes: Uint8Array): PackManifest {
  if (bytes.length > PACK_MANIFEST_BYTES_MAX) {
    throw new DenizenError(
      "pack_unreadable",
      `Cannot read the manifest as it has more than ${PACK_MANIFEST_BYTES_MAX} bytes (PACK_MANIFEST_BYTES_MAX): ${bytes.length}`,
    );
  }
  try {
    return parseManifest(bytes);
  } catch (cause) {
    if (!(cause instanceof PackFault)) throw cause;
    const code = cause.code === "abi" ? "pack_incompatible" : "pack_unreadable";
    throw new DenizenError(code, cause.message, { cause });
  }
}
