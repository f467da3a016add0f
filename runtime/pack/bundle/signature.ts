/**
 * `manifest.sig`: an Ed25519 signature over the bytes of `manifest.json`, which holds the hash of every file.
 *
 * ```json
 * {
 *   "algorithm": "Ed25519",
 *   "key": "<base64 of the public key's 32 bytes>",
 *   "signature": "<base64 of 64 bytes>"
 * }
 * ```
 */
import { createPublicKey, KeyObject, sign, verify } from "node:crypto";
import { DenizenError } from "../../errors.ts";

export const SIGNATURE_FILE = "manifest.sig";

type Bytes = Uint8Array<ArrayBuffer>;

function untrusted(reason: string, cause?: unknown): DenizenError {
  return new DenizenError("pack_untrusted", `Cannot trust the pack as ${reason}`, { cause });
}

/**
 * The text of a `manifest.sig`. `privateKey` and `publicKey` are an Ed25519 pair; the public one must be
 * extractable.
 */
export function signManifest(manifest: Bytes, keys: CryptoKeyPair): string {
  const { x } = KeyObject.from(keys.publicKey).export({ format: "jwk" });
  const key = Uint8Array.fromBase64(x!, { alphabet: "base64url" }).toBase64();
  const signature = new Uint8Array(sign(null, manifest, KeyObject.from(keys.privateKey))).toBase64();
  return JSON.stringify({ algorithm: "Ed25519", key, signature }, null, 2) + "\n";
}

/**
 * The public key that signed the manifest, in base64.
 *
 * @throws {DenizenError} `pack_untrusted` if the signature is not valid.
 */
export function checkSignature(manifest: Bytes, signatureFile: Uint8Array): string {
  const { key, signature } = parse(signatureFile);
  try {
    const x = Uint8Array.fromBase64(key).toBase64({ alphabet: "base64url", omitPadding: true });
    const publicKey = createPublicKey({ key: { kty: "OKP", crv: "Ed25519", x }, format: "jwk" });
    if (verify(null, manifest, publicKey, Uint8Array.fromBase64(signature))) return key;
  } catch (cause) {
    throw untrusted("its signature cannot be checked", cause);
  }
  throw untrusted(`its signature is not that of its manifest: key ${key}`);
}

function parse(bytes: Uint8Array): { key: string; signature: string } {
  let fields: Record<string, unknown>;
  try {
    fields = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch (cause) {
    throw untrusted("its signature is not JSON", cause);
  }
  const { algorithm, key, signature } = fields ?? {};
  if (algorithm !== "Ed25519" || typeof key !== "string" || typeof signature !== "string") {
    throw untrusted("its signature is not an Ed25519 one with key and signature");
  }
  return { key, signature };
}
