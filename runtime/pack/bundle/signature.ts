/**
 * `manifest.sig`: an Ed25519 signature over the bytes of `manifest.json`, which holds the hash of every file.
 *
 * ```json
 * { "algorithm": "Ed25519", "key": "<base64 of the public key's 32 bytes>", "signature": "<base64 of 64 bytes>" }
 * ```
 */
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
export async function signManifest(manifest: Bytes, keys: CryptoKeyPair): Promise<string> {
  const key = new Uint8Array(await crypto.subtle.exportKey("raw", keys.publicKey)).toBase64();
  const signature = new Uint8Array(
    await crypto.subtle.sign("Ed25519", keys.privateKey, manifest),
  ).toBase64();
  return JSON.stringify({ algorithm: "Ed25519", key, signature }, null, 2) + "\n";
}

/**
 * The public key that signed the manifest, in base64.
 *
 * @throws {DenizenError} `pack_untrusted` if the signature is not right.
 */
export async function checkSignature(manifest: Bytes, signatureFile: Uint8Array): Promise<string> {
  const { key, signature } = parse(signatureFile);
  try {
    const publicKey = await crypto.subtle.importKey("raw", Uint8Array.fromBase64(key), "Ed25519", false, [
      "verify",
    ]);
    if (await crypto.subtle.verify("Ed25519", publicKey, Uint8Array.fromBase64(signature), manifest)) {
      return key;
    }
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
