/**
 * Calls between processes of one node, at memory speed: no encoding, no queue, no promise where none is
 * needed.
 */
import type { HandlerContract } from "@denizen/macro";
import { copyOfError, type DenizenError } from "../errors.ts";
import { ANYONE_LOCAL } from "../message/principal.ts";
import { failure, type SendResult } from "../message/send_result.ts";
import { type Activation, type ReplyEncoding, Stage } from "../process/activation.ts";
import type { CallOptions } from "../process/caller.ts";
import type { Directory } from "../process/directory.ts";
import type { Process } from "../process/process.ts";
import type { Ingress } from "./ingress.ts";
import { argumentError, handlerOf } from "./target.ts";

/** Results cross as copies, so that two processes never share what one of them can change. */
const COPY: ReplyEncoding = { encode: (contract, value) => contract!.copyResult(value) };

export class LocalCalls {
  readonly #directory: Directory;
  readonly #ingress: Ingress;

  constructor(directory: Directory, ingress: Ingress) {
    this.#directory = directory;
    this.#ingress = ingress;
  }

  /**
   * A call by the handler `caller` of the process `from`. It does not wait for the disk: the answer stays on
   * the node.
   */
  call<T>(
    from: Process,
    caller: Activation,
    target: string,
    contract: HandlerContract,
    args: readonly unknown[],
    options?: CallOptions,
  ): Promise<SendResult<T>> {
    let called: Activation;
    try {
      // It would reveal a state that was lost.
      if (from.invalidated) throw from.invalidated;
      called = this.#admit(from, caller, target, contract, args, options);
    } catch (thrown) {
      return Promise.resolve(failed(argumentError(target, contract.tag, thrown)));
    }
    if (called.stage === Stage.Done) return Promise.resolve(result<T>(from, called));
    (caller.calls ??= new Set()).add(called);
    return new Promise((resolve) => {
      called.onDone = () => {
        caller.calls!.delete(called);
        resolve(result<T>(from, called));
      };
    });
  }

  /**
   * A call by an embedding program. Never rejects, and resolves once everything that the result depends on
   * is durable (G3).
   */
  async enter<T>(
    target: string,
    contract: HandlerContract,
    args: readonly unknown[],
    options?: CallOptions,
  ): Promise<SendResult<T>> {
    try {
      const called = this.#admit(null, null, target, contract, args, options);
      if (!this.#ingress.isReady(called)) await this.#ingress.answered(called);
      return result<T>(null, called);
    } catch (thrown) {
      return failed(argumentError(target, contract.tag, thrown));
    }
  }

  /** @throws {DenizenError | DecodeError} if it cannot be delivered. */
  #admit(
    from: Process | null,
    caller: Activation | null,
    target: string,
    contract: HandlerContract,
    args: readonly unknown[],
    options: CallOptions | undefined,
  ): Activation {
    const cell = this.#directory.find(target);
    const handler = handlerOf(cell, contract.tag, "local");
    const chain = caller === null ? null : caller.hop(from!.host.handlerNumbers);
    const message = {
      target: cell.id,
      tag: handler.tag,
      args: handler.contract!.copyArguments(args),
      principal: chain === null ? ANYONE_LOCAL : chain.principal,
      chain,
      deadline: this.#ingress.deadlineAfter(options?.timeoutMs, caller),
    };
    return this.#ingress.admit(cell, handler, message, COPY, from === null ? 0 : from.position);
  }
}

/** The caller now depends on what the result depends on: whatever it sends waits for the same commits. */
function result<T>(from: Process | null, called: Activation): SendResult<T> {
  from?.dependOn(called.position);
  if (called.error) return failed(called.error);
  return { status: "Success", value: called.value as T };
}

/** Errors cross as copies, as values do. */
function failed(error: DenizenError): SendResult<never> {
  return failure(copyOfError(error));
}
