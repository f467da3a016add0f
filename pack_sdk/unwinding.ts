/**
 * Errors that leave a WebAssembly module in the middle of a call. Its stack is not restored, so it must not
 * be called again.
 */

/** Constructors of V8 that TypeScript's types lack. */
const { Exception, SuspendError } = WebAssembly as unknown as Partial<
  Record<string, new (...values: never[]) => object>
>;

/**
 * Whether an error is a trap, an uncaught exception of the module, a wait that could not be suspended, or a
 * stack overflow.
 */
export function unwinds(error: unknown): boolean {
  return error instanceof WebAssembly.RuntimeError ||
    Exception !== undefined && error instanceof Exception ||
    SuspendError !== undefined && error instanceof SuspendError ||
    error instanceof RangeError && error.message.includes("call stack");
}

/** The error as one line for people. */
export function unwindingText(error: unknown): string {
  return error instanceof Error ? error.message : "an exception that it does not catch";
}
