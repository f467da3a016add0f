/**
 * Logs failures outside of handlers, such as promises that are not awaited, which would end the node
 * otherwise.
 */
import type { LogSink } from "@denizen/runtime";

export function outliveStrayFailures(sink: LogSink): void {
  const log = (message: string, error: unknown) =>
    sink({ level: "error", time: Date.now(), message, fields: { error } });
  addEventListener("unhandledrejection", (event) => {
    event.preventDefault();
    log("unhandled rejection", event.reason);
  });
  addEventListener("error", (event) => {
    event.preventDefault();
    log("uncaught error outside of a handler", event.error);
  });
}
