/** A failure nobody waits for must not end the processes of a node. */
import type { LogSink } from "@denizen/runtime";

export function outliveStrayFailures(sink: LogSink): void {
  const log = (message: string, error: unknown) =>
    sink({ level: "error", time: Date.now(), message, fields: { error } });
  addEventListener("unhandledrejection", (event) => {
    event.preventDefault();
    log("a promise that nobody awaits failed", event.reason);
  });
  addEventListener("error", (event) => {
    event.preventDefault();
    log("code outside of any handler failed", event.error);
  });
}
