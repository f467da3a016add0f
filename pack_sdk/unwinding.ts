/** What leaves a WebAssembly module in the middle of a call. Its stack stays as it was then: nothing of it may be called again. */

/** Constructors that V8 has and its types do not all name. */
const { Exception, SuspendError } = WebAssembly as unknown as Partial<
  Record<string, new (...values: never[]) => object>
>;

/** Whether it is a trap, an exception of the module's, a wait that nothing could suspend, or recursion without an end. */
export function unwinds(error: unknown): boolean {
  return error instanceof WebAssembly.RuntimeError ||
    Exception !== undefined && error instanceof Exception ||
    SuspendError !== undefined && error instanceof SuspendError ||
    error instanceof RangeError && error.message.includes("call stack");
}

/** For people. */
export function unwindingText(error: unknown): string {
  return error instanceof Error ? error.message : "an exception that it does not catch";
}
