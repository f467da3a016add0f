/** What the two carriers of a pack have in common. */
import { ABI_MAJOR, ABI_MINOR, FEATURE, FEATURES_REQUIRED_MASK } from "./abi.ts";
import type { Ports } from "./frame_writer.ts";
import type { PackDescription } from "./metadata.ts";
import { PackFault } from "./pack_fault.ts";

/**
 * One loaded pack. Everything is synchronous but `tickAside`. Nothing here is retried, counted or limited in time: that is the
 * business of who hosts packs.
 */
export interface Carrier {
  readonly kind: "native" | "wasm";
  /** `major << 16 | minor`. */
  readonly abi: number;
  readonly features: number;
  readonly description: PackDescription;
  /** Whether `tickAside` exists for this pack. */
  readonly aside: boolean;
  /** After a trap, or after `close`. */
  readonly closed: boolean;
  /** A new instance of the n-th template. */
  create(factory: number): number;
  /** Ends an instance; an unknown one is ignored. It MUST NOT be in a tick: its memory would be freed under it. */
  destroy(instance: number): void;
  /**
   * One tick on this thread. `config` is JSON text of an object. Attachments of the result are the caller's own. Throws a
   * `PackFault` when the tick fails.
   */
  tick(instance: number, input: Ports, config?: string): Ports;
  /** One tick that does not hold up this thread: on another one natively, suspended while it waits in wasm. */
  tickAside(instance: number, input: Ports, config?: string): Promise<Ports>;
  /** One tick of plain JSON, as Reflow's packs have it. */
  run(instance: number, payload: string): RunResult;
  /** Allocations of the pack that are not freed. */
  live(): number;
  /** Bytes of the pack's memory, where they can be known: 0 natively. */
  memoryBytes(): number;
  /** Ends every instance and unloads the pack. Throws while a `tickAside` is running. */
  close(): void;
}

export interface RunResult {
  readonly status: number;
  /** What the pack answered, a result or an error: JSON if the pack keeps to the contract. */
  readonly text: string;
}

/** Throws if this host cannot run a pack of that version with these features. */
export function checkHandshake(abi: number, features: number): void {
  const major = abi >>> 16, minor = abi & 0xffff;
  if (major !== ABI_MAJOR || minor > ABI_MINOR) {
    throw new PackFault(
      "abi",
      `Cannot load the pack as it is built for ABI ${major}.${minor}: this host runs ${ABI_MAJOR}.0 to ${ABI_MAJOR}.${ABI_MINOR}`,
    );
  }
  const unknown = (features & FEATURES_REQUIRED_MASK) >>> 0;
  if (unknown !== 0) {
    throw new PackFault(
      "abi",
      `Cannot load the pack as it needs features this host lacks: 0x${unknown.toString(16)}`,
    );
  }
  if (!(features & FEATURE.frames)) {
    throw new PackFault(
      "abi",
      "Cannot load the pack as it has no frames: feature bit 0 is not set",
    );
  }
}

/** The fault of a tick that answered with `status`; `kept` is the error frame's value, if there is one. */
export function tickFault(status: number, kept: Ports | undefined): PackFault {
  if (status === -1) {
    return new PackFault(
      "instance",
      "Cannot tick as there is no such instance",
      status,
    );
  }
  const text = typeof kept?.error === "string" ? kept.error : `the pack answered with status ${status}`;
  return new PackFault("tick", text, status);
}

export function closedFault(cause?: unknown): PackFault {
  return new PackFault(
    "closed",
    "Cannot call the pack as it is closed",
    0,
    cause,
  );
}

export function refusedInstance(factory: number): PackFault {
  return new PackFault(
    "instance",
    `Cannot make an instance as the pack refused: factory ${factory}`,
  );
}
