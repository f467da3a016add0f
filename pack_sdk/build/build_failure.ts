/**
 * A pack cannot be built: its `pack.json` is wrong, or a compiler failed. A missing compiler is not a
 * failure.
 */
export class BuildFailure extends Error {
  override readonly name = "BuildFailure";

  constructor(
    message: string,
    /** The output of the compiler. */
    readonly output = "",
    cause?: unknown,
  ) {
    super(output ? `${message}\n${output}` : message, cause === undefined ? undefined : { cause });
  }
}
