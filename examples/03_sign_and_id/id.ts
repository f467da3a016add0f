/**
 * The node's identity over HTTP: it holds no key itself, and asks `sign` through the stub generated from it.
 */
import { Http, http, process, type Result } from "@denizen/macro";
import { type Context, unwrap } from "@denizen/runtime";
import * as sign from "./generated/sign.ts";
import type { SignError } from "./sign.ts";

export interface Signed {
  signature: Uint8Array;
  publicKey: Uint8Array;
}

@process({ name: "Id", endpoints: [Http("/api")] })
export class Id {
  /** The long way, with every outcome handled: the signer was not reached, refused, or signed. */
  @http
  async sign(data: Uint8Array, ctx: Context): Promise<Result<Signed, SignError | "Unreachable">> {
    const signer = sign.localRpc(ctx);
    const answer = await signer.sign(data);
    if (answer.status !== "Success") return { Err: "Unreachable" };
    if ("Err" in answer.value) return answer.value;
    return { Ok: { signature: answer.value.Ok, publicKey: unwrap(await signer.identity()) } };
  }

  /** The short way: `unwrap` throws unless the call succeeded, and the client gets that error. */
  @http
  async verify(data: Uint8Array, signature: Uint8Array, ctx: Context): Promise<boolean> {
    return unwrap(await sign.localRpc(ctx).verify(data, signature));
  }
}
