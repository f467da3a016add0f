/** Calls a process with a tagged body, as another process would: what the `denizen call` command and `Node.call` do. */
import { DecodeError, type Json } from "@denizen/macro";
import { DenizenError, messageOf } from "../errors.ts";
import { readEnvelope } from "../message/envelope.ts";
import { failure, type SendResult } from "../message/send_result.ts";
import type { CallOptions } from "../process/caller.ts";
import type { Directory } from "../process/directory.ts";
import { type LocalTransport, unknownHandler, wrongTransport } from "../transport/local.ts";

export class WireCaller {
  readonly #directory: Directory;
  readonly #local: LocalTransport;

  constructor(directory: Directory, local: LocalTransport) {
    this.#directory = directory;
    this.#local = local;
  }

  /** Resolves always; the value is in wire form, and durable (G3). */
  async call(address: string, body: unknown, options?: CallOptions): Promise<SendResult<Json>> {
    try {
      const [tag, wire] = readEnvelope(body);
      const cell = this.#directory.find(address);
      const handler = cell.definition.handlers.get(tag);
      if (!handler) throw unknownHandler(cell, tag);
      if (!handler.transports.has("local")) throw wrongTransport(cell, handler, "local");
      const contract = handler.contract!;
      const args = contract.decodeArguments(wire);
      const result = await this.#local.enter<unknown>(cell.id, contract, args, options);
      if (result.status !== "Success") return result;
      return { status: "Success", value: contract.encodeResult(result.value) };
    } catch (thrown) {
      if (thrown instanceof DenizenError) return failure(thrown);
      const code = thrown instanceof DecodeError ? "invalid_argument" : "internal";
      return failure(
        new DenizenError(code, `Cannot call ${address} as an argument is wrong: ${messageOf(thrown)}`, {
          cause: thrown,
        }),
      );
    }
  }
}
