/**
 * Key files: Ed25519 private keys as PKCS #8 in PEM, as OpenSSL reads and writes them, readable by their
 * owner only. Public keys are the base64 of their 32 bytes, as in `denizen.packs.<name>.key`.
 */
import { ExplainedError, UsageError } from "../terminal/failure.ts";

const PRIVATE = "PRIVATE KEY", PUBLIC = "PUBLIC KEY";
/** Length of a public key; its base64 has 44 characters. */
const KEY_BYTES = 32;

interface SigningKey {
  readonly keys: CryptoKeyPair;
  /** In base64. */
  readonly publicKey: string;
  /** Users other than the owner can read the file. */
  readonly exposed: boolean;
}

function unreadable(file: string, reason: string): ExplainedError {
  return new ExplainedError({
    code: "bad_option",
    message: `Cannot use the key in ${file} as ${reason}`,
    hint: "create one with denizen pack sign --new-key <file>",
  });
}

/**
 * Creates a key in a new file.
 *
 * @throws {ExplainedError} if the file exists.
 */
export async function createKey(file: string): Promise<SigningKey> {
  const keys = await crypto.subtle.generateKey("Ed25519", true, ["sign", "verify"]) as CryptoKeyPair;
  const body = new Uint8Array(await crypto.subtle.exportKey("pkcs8", keys.privateKey)).toBase64();
  const pem = `-----BEGIN ${PRIVATE}-----\n${body}\n-----END ${PRIVATE}-----\n`;
  try {
    await Deno.writeTextFile(file, pem, { createNew: true, mode: 0o600 });
  } catch (cause) {
    const reason = cause instanceof Deno.errors.AlreadyExists
      ? "the file exists, and an overwritten key cannot be recovered"
      : cause instanceof Error
      ? cause.message
      : String(cause);
    throw new ExplainedError({ code: "bad_option", message: `Cannot create a key in ${file} as ${reason}` });
  }
  return { keys, publicKey: await publicText(keys.publicKey), exposed: false };
}

/** @throws {ExplainedError} if it is not an Ed25519 private key. */
export async function readKey(file: string): Promise<SigningKey> {
  const text = await readText(file);
  const body = pemBody(text, PRIVATE);
  if (!body) throw unreadable(file, "it is not a private key in PEM");
  const keys = await pairOf(body);
  if (!keys) throw unreadable(file, "it is not an Ed25519 key");
  const mode = Deno.build.os === "windows" ? 0 : (await Deno.stat(file)).mode ?? 0;
  return { keys, publicKey: await publicText(keys.publicKey), exposed: (mode & 0o077) !== 0 };
}

/**
 * Reads a public key from its base64, or from a file with its base64, a public key in PEM or a private key in
 * PEM.
 *
 * @throws {UsageError} if it is none of these.
 */
export async function readPublicKey(keyOrFile: string): Promise<string> {
  if (isPublicText(keyOrFile)) return keyOrFile;
  let text: string;
  try {
    text = await Deno.readTextFile(keyOrFile);
  } catch {
    throw new UsageError(
      `Cannot use --key as it is neither an Ed25519 public key in base64 nor a file: ${keyOrFile}`,
      "denizen pack sign prints the public key",
    );
  }
  if (isPublicText(text.trim())) return text.trim();
  const secret = pemBody(text, PRIVATE);
  if (secret) {
    const keys = await pairOf(secret);
    if (keys) return await publicText(keys.publicKey);
  }
  const open = pemBody(text, PUBLIC);
  const key = open &&
    await crypto.subtle.importKey("spki", open, "Ed25519", true, ["verify"]).catch(() => {});
  if (key) return await publicText(key);
  throw unreadable(keyOrFile, "it does not contain an Ed25519 key");
}

function isPublicText(text: string): boolean {
  try {
    return text.length === 44 && Uint8Array.fromBase64(text).length === KEY_BYTES;
  } catch {
    return false;
  }
}

async function readText(file: string): Promise<string> {
  try {
    return await Deno.readTextFile(file);
  } catch (cause) {
    if (cause instanceof Deno.errors.NotFound) throw unreadable(file, "there is no such file");
    throw unreadable(file, cause instanceof Error ? cause.message : String(cause));
  }
}

function pemBody(text: string, label: string): Uint8Array<ArrayBuffer> | undefined {
  const match = new RegExp(`-----BEGIN ${label}-----([^-]*)-----END ${label}-----`).exec(text);
  try {
    return match ? Uint8Array.fromBase64(match[1]!) : undefined;
  } catch {
    return undefined;
  }
}

/** Derives the public key; `undefined` if it is not an Ed25519 private key. */
async function pairOf(pkcs8: Uint8Array<ArrayBuffer>): Promise<CryptoKeyPair | undefined> {
  try {
    const privateKey = await crypto.subtle.importKey("pkcs8", pkcs8, "Ed25519", true, ["sign"]);
    const { kty, crv, x } = await crypto.subtle.exportKey("jwk", privateKey);
    const publicKey = await crypto.subtle.importKey("jwk", { kty, crv, x }, "Ed25519", true, ["verify"]);
    return { privateKey, publicKey };
  } catch {
    return undefined;
  }
}

async function publicText(key: CryptoKey): Promise<string> {
  return new Uint8Array(await crypto.subtle.exportKey("raw", key)).toBase64();
}
