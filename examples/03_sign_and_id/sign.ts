/** Keeps an Ed25519 key and signs with it for the node's other processes. It cannot be reached over HTTP. */
import { init, local, process, type Result } from "@denizen/macro";

const DATA_BYTES_MAX = 64 * 1024;

/** In the form that Web Crypto takes. */
type Bytes = Uint8Array<ArrayBuffer>;

/** Why it refuses to sign. */
export type SignError = "Empty" | "TooLarge";

@process({ name: "Sign" })
export class Sign {
  /** PKCS #8; created at the first start, and durable before the first signature leaves. */
  privateKey: Bytes = new Uint8Array();
  publicKey: Bytes = new Uint8Array();

  @init
  async start(): Promise<void> {
    if (this.privateKey.length > 0) return;
    const pair = await crypto.subtle.generateKey("Ed25519", true, ["sign", "verify"]) as CryptoKeyPair;
    this.privateKey = new Uint8Array(await crypto.subtle.exportKey("pkcs8", pair.privateKey));
    this.publicKey = new Uint8Array(await crypto.subtle.exportKey("raw", pair.publicKey));
  }

  @local
  async sign(data: Bytes): Promise<Result<Bytes, SignError>> {
    if (data.length === 0) return { Err: "Empty" };
    if (data.length > DATA_BYTES_MAX) return { Err: "TooLarge" };
    const key = await crypto.subtle.importKey("pkcs8", this.privateKey, "Ed25519", false, ["sign"]);
    return { Ok: new Uint8Array(await crypto.subtle.sign("Ed25519", key, data)) };
  }

  @local
  async verify(data: Bytes, signature: Bytes): Promise<boolean> {
    const key = await crypto.subtle.importKey("raw", this.publicKey, "Ed25519", false, ["verify"]);
    return await crypto.subtle.verify("Ed25519", key, signature, data);
  }

  @local
  identity(): Bytes {
    return this.publicKey;
  }
}
