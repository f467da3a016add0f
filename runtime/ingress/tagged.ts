/**
 * Calls a process with a tagged body, as another process would: what the `denizen call` command and
 * `Node.send` do.
 */
import type { Json } from "@denizen/macro";
import { copyOfError, DenizenError, messageOf } from "../errors.ts";
import { readEnvelope } from "../message/envelope.ts";
import { failure, type SendResult } from "../message/send_result.ts";
import type { CallOptions } from "../process/caller.ts";
import type { Directory } from "../process/directory.ts";
import type { LocalCalls } from "./local.ts";
import { decodeArguments, taggedHandlerOf } from "./target.ts";

export class TaggedCalls {
  readonly #directory: Directory;
  readonly #local: LocalCalls;

  constructor(directory: Directory, local: LocalCalls) {
    this.#directory = directory;
    this.#local = local;
  }

  /** Resolves always; the value is in wire form, and durable (G3). */
  async call(address: string, body: unknown, options?: CallOptions): Promise<SendResult<Json>> {
    try {
      const [tag, wire] = readEnvelope(body);
      const target = this.#directory.resolve(address);
      const handler = taggedHandlerOf(target, tag, "local");
      const contract = handler.contract!;
      const args = decodeArguments(target, handler, wire);
      const result = await this.#local.enter<unknown>(target.id, contract, args, options);
      if (result.status !== "Success") return result;
      return { status: "Success", value: contract.encodeResult(result.value) };
    } catch (thrown) {
      const error = thrown instanceof DenizenError
        ? copyOfError(thrown)
        : new DenizenError("internal", `Cannot call ${address} as it threw: ${messageOf(thrown)}`);
      return failure(error);
    }
  }
}
