/** Writes the log of a node to standard error. */
import { jsonSink, type LogSink, textSink } from "@denizen/runtime";
import { permissionHint } from "./failure.ts";

/** Omits debug lines, which only help to debug the runtime. */
export function logOutput(form: "text" | "json"): LogSink {
  return withHints(form === "json" ? jsonSink : textSink);
}

/** Adds a hint to lines about a missing permission. */
function withHints(sink: LogSink): LogSink {
  return (line) => {
    if (line.level === "debug") return;
    const hint = permissionHint(line.fields.error);
    sink(hint === undefined ? line : { ...line, fields: { ...line.fields, hint } });
  };
}
