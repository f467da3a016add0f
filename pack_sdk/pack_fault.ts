/** The faults of a pack, by what its host or caller can do about them. */
export type PackFaultCode =
  /**
   * The file is not a pack: not a library or module, another architecture, missing symbols or exports,
   * unknown imports.
   */
  | "not_a_pack"
  /** Built for a version or with a feature this host does not have. */
  | "abi"
  /** Its metadata are wrong, or its registered templates differ from the described ones. */
  | "metadata"
  /** Registering failed; `status` says how. */
  | "register"
  /** There is no such instance, it could not be created, or it is in a tick. */
  | "instance"
  /** A value cannot be put into a frame. The caller's fault. */
  | "payload"
  /** The tick failed; `status` is that of the tick. The instance stays usable, except after a panic. */
  | "tick"
  /** The pack returned a malformed frame. */
  | "result"
  /** The wasm module trapped: all its instances are lost. */
  | "trap"
  /** The pack was closed, or its module trapped before. */
  | "closed";

/** The one error of this package. */
export class PackFault extends Error {
  override readonly name = "PackFault";

  constructor(
    readonly code: PackFaultCode,
    message: string,
    /** The status that the pack returned; 0 if there was none. */
    readonly status = 0,
    cause?: unknown,
  ) {
    super(message, cause === undefined ? undefined : { cause });
  }
}
