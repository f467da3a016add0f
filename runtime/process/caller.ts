/** Anything that can call a process: a handler's `Context`, or a node. Generated stubs need nothing else. */
import type { HandlerContract } from "@denizen/macro";
import type { SendResult } from "../message/send_result.ts";

export interface CallOptions {
  /**
   * Milliseconds until the call ends in `Timeout`. Default: 30,000, and never beyond the caller's own
   * deadline.
   */
  timeoutMs?: number;
}

export interface Caller {
  /**
   * Calls a handler of the process with the id `target`. Stubs are this, with types.
   *
   * Never rejects: any outcome but the handler's value is another `status`.
   */
  call<T>(
    target: string,
    handler: HandlerContract,
    args: readonly unknown[],
    options?: CallOptions,
  ): Promise<SendResult<T>>;
}
