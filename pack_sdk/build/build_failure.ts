/** A pack that cannot be built: its `pack.json` is wrong, or a compiler said no. A missing compiler is no failure. */
export class BuildFailure extends Error {
  override readonly name = "BuildFailure";

  constructor(
    message: string,
    /** What the compiler printed. */
    readonly output = "",
    cause?: unknown,
  ) {
    super(output ? `${message}\n${output}` : message, cause === undefined ? undefined : { cause });
  }
}
