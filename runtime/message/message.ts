/**
 * What is sent to a process. It is data: no field refers to a live object of the runtime, so the same message
 * can be kept, sent to another node or handled again. What happens to it in its process is an `Activation`
 * (process/activation.ts).
 */
import type { Hop } from "./call_chain.ts";
import type { Principal } from "./principal.ts";

export interface Message {
  /** The id of the process it is for, without the node. */
  readonly target: string;
  readonly tag: string;
  /** As the handler's method takes them, not shared: copied or decoded when the message was created. */
  readonly args: readonly unknown[];
  readonly principal: Principal;
  /** The handlers that wait for its answer, innermost first; null if no process sent it. */
  readonly chain: Hop | null;
  /**
   * When the sender stops waiting, on the node's monotonic clock, in milliseconds. What crosses a node is the
   * time that is left.
   */
  readonly deadline: number;
}
