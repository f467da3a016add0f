/** Log lines of a node, as `--log` asks for them, on standard error. */
import { jsonSink, type LogSink, textSink } from "@denizen/runtime";
import { permissionHint } from "./failure.ts";

/** Without what is only for those who debug the runtime. */
export function logOutput(form: "text" | "json"): LogSink {
  return withHints(form === "json" ? jsonSink : textSink);
}

/** Adds what to declare to the line of a handler that was denied something. */
function withHints(sink: LogSink): LogSink {
  return (line) => {
    if (line.level === "debug") return;
    const hint = permissionHint(line.fields.error);
    sink(hint === undefined ? line : { ...line, fields: { ...line.fields, hint } });
  };
}
