/** The interface of a loaded pack, native or WebAssembly. */
import { ABI_MAJOR, ABI_MINOR, FEATURE, FEATURES_REQUIRED_MASK } from "./abi.ts";
import type { Ports } from "./frame_writer.ts";
import type { PackDescription } from "./metadata.ts";
import { PackFault } from "./pack_fault.ts";

/**
 * One loaded pack. Only `tickAsync` is asynchronous. A carrier does not retry, count or time calls; its host
 * does.
 */
export interface Carrier {
  readonly kind: "native" | "wasm";
  /** `major << 16 | minor`. */
  readonly abi: number;
  readonly features: number;
  readonly description: PackDescription;
  /** Whether `tickAsync` leaves this thread free while the tick runs. */
  readonly canTickAsync: boolean;
  /** True after a trap and after `close`. */
  readonly closed: boolean;
  /** Creates an instance of the template with that number. */
  create(factory: number): number;
  /** Ends an instance; an unknown one is ignored. It MUST NOT be in a tick, whose memory would be freed. */
  destroy(instance: number): void;
  /**
   * One tick on this thread. `config` is the JSON text of an object. The caller owns the attachments of the
   * result.
   *
   * @throws {PackFault} if the tick fails.
   */
  tick(instance: number, input: Ports, config?: string): Ports;
  /**
   * One tick that leaves this thread free: a native one runs on another thread, a wasm one is suspended while
   * it waits.
   */
  tickAsync(instance: number, input: Ports, config?: string): Promise<Ports>;
  /** One tick of plain JSON, as in Reflow's contract. */
  run(instance: number, payload: string): RunResult;
  /** Number of allocations the pack has not freed. */
  live(): number;
  /** Size of the pack's memory in bytes; 0 for a native pack, whose memory cannot be measured. */
  memoryBytes(): number;
  /** Ends every instance and unloads the pack. Throws while a `tickAsync` is running. */
  close(): void;
}

export interface RunResult {
  readonly status: number;
  /** The result or the error: JSON, if the pack keeps to the contract. */
  readonly text: string;
}

/** @throws {PackFault} `abi` if this host cannot run a pack of that version with these features. */
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

/** The fault of a tick that returned `status`; `kept` is the value of its error frame, if it has one. */
export function tickFault(status: number, kept: Ports | undefined): PackFault {
  if (status === -1) {
    return new PackFault(
      "instance",
      "Cannot tick as there is no such instance",
      status,
    );
  }
  const text = typeof kept?.error === "string" ? kept.error : `the pack returned status ${status}`;
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
    `Cannot create an instance as the pack refused: factory ${factory}`,
  );
}
