/** Structured log lines. A node has one `Log`; processes get it with their address filled in. */
import { messageOf } from "./errors.ts";
import { escapeUnprintable, isPrintable } from "./printable.ts";

export type LogLevel = "debug" | "info" | "warn" | "error";

export type LogFields = { readonly [field: string]: unknown };

export interface LogLine {
  readonly level: LogLevel;
  /** Milliseconds since the Unix epoch. */
  readonly time: number;
  readonly message: string;
  readonly fields: LogFields;
}

/** A destination of log lines. */
export type LogSink = (line: LogLine) => void;

export interface Log {
  debug(message: string, fields?: LogFields): void;
  info(message: string, fields?: LogFields): void;
  warn(message: string, fields?: LogFields): void;
  error(message: string, fields?: LogFields): void;
}

/**
 * A log that adds `fixed` to every line. A line that the sink cannot write is reduced to its message; it
 * never throws.
 */
export function createLog(sink: LogSink, now: () => number, fixed: LogFields = {}): Log {
  const at = (level: LogLevel) => (message: string, fields?: LogFields) => {
    const line = { level, time: now(), message, fields: { ...fixed, ...fields } };
    const reason = attempt(sink, line);
    if (reason !== undefined) attempt(sink, { ...line, fields: { ...fixed, fieldsLost: reason } });
  };
  return { debug: at("debug"), info: at("info"), warn: at("warn"), error: at("error") };
}

/** Something failed, with the reason. */
function attempt(sink: LogSink, line: LogLine): string | undefined {
  try {
    sink(line);
    return undefined;
  } catch (thrown) {
    return messageOf(thrown);
  }
}

function plain(_name: string, value: unknown): unknown {
  if (value instanceof Error) return value.stack ?? value.message;
  return typeof value === "bigint" ? value.toString() : value;
}

/** One JSON object per line, on standard error. */
export const jsonSink: LogSink = ({ level, time, message, fields }) =>
  console.error(JSON.stringify({ time: new Date(time).toISOString(), level, message, ...fields }, plain));

/** A printable text as it is, everything else as JSON. */
function shown(value: unknown): string {
  if (typeof value === "string" && isPrintable(value)) return value;
  return escapeUnprintable(JSON.stringify(value, plain) ?? "undefined");
}

/** For people: time, level, message, fields; an error's stack on lines of its own. */
export const textSink: LogSink = ({ level, time, message, fields }) => {
  const { error, ...rest } = fields;
  const details = Object.entries(rest).map(([name, value]) => `${name}=${shown(value)}`);
  const head = [new Date(time).toISOString().slice(11, 23), level.padEnd(5), message, ...details].join(" ");
  const cause = error instanceof Error ? error.stack ?? error.message : messageOf(error);
  console.error(error === undefined ? head : `${head}\n${cause}`);
};

/** Keeps nothing. */
export const silentSink: LogSink = () => {};
