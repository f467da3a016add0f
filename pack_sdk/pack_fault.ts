/** What can be wrong with a pack, by what the one who loads or calls it can do about it. */
export type PackFaultCode =
  /** The file is no pack: not a library or module, another architecture, symbols or exports missing, imports too many. */
  | "not_a_pack"
  /** Built for a version or with a feature this host does not have. */
  | "abi"
  /** Its metadata are wrong, or the templates it registers are not those it describes. */
  | "metadata"
  /** Registering failed; `status` says how. */
  | "register"
  /** There is no such instance, it could not be made, or it is in a tick. */
  | "instance"
  /** A value cannot be put into a frame. The caller's fault. */
  | "payload"
  /** The tick failed; `status` is that of the tick. The instance goes on, unless the status is that of a panic. */
  | "tick"
  /** The pack answered with a frame that is wrong. */
  | "result"
  /** The wasm module trapped: all its instances are gone. */
  | "trap"
  /** The pack was closed, or its module ended with a trap before. */
  | "closed";

/** The one error of this package. */
export class PackFault extends Error {
  override readonly name = "PackFault";

  constructor(
    readonly code: PackFaultCode,
    message: string,
    /** The status that the pack answered with; 0 if none was involved. */
    readonly status = 0,
    cause?: unknown,
  ) {
    super(message, cause === undefined ? undefined : { cause });
  }
}
