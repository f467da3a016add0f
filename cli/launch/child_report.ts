/**
 * How child processes report to the command that started them. A report is one line of JSON on standard
 * output, preceded by the record separator of RFC 7464. Everything else on standard output was printed by an
 * app, a pack or a compiler.
 */

const RECORD_SEPARATOR = 0x1e;
const NEWLINE = 0x0a;
/** A longer line is output, not a report. */
const REPORT_BYTES_MAX = 16 * 1024 * 1024;

export function encodeReport(report: object): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(`${String.fromCharCode(RECORD_SEPARATOR)}${JSON.stringify(report)}\n`);
}

/** Sends a report of this process. Returns false if the command has ended, which closes the pipe. */
export function sendReport(report: object): boolean {
  const bytes = encodeReport(report);
  try {
    for (let written = 0; written < bytes.length;) written += Deno.stdout.writeSync(bytes.subarray(written));
    return true;
  } catch {
    return false;
  }
}

/**
 * Separates the reports from a child's standard output and passes everything else on, byte for byte.
 *
 * @param isReport tells reports from other JSON, which is passed on.
 */
export function takeReports<Report>(
  isReport: (value: unknown) => value is Report,
  onReport: (report: Report) => void,
): TransformStream<Uint8Array<ArrayBuffer>, Uint8Array<ArrayBuffer>> {
  let pending: Uint8Array<ArrayBuffer> | undefined;
  return new TransformStream({
    transform(chunk, controller) {
      let rest = chunk;
      while (rest.length > 0) {
        if (pending === undefined) {
          const start = rest.indexOf(RECORD_SEPARATOR);
          const output = start === -1 ? rest : rest.subarray(0, start);
          if (output.length > 0) controller.enqueue(output);
          if (start === -1) return;
          pending = new Uint8Array();
          rest = rest.subarray(start);
        }
        const end = rest.indexOf(NEWLINE);
        pending = joined(pending, end === -1 ? rest : rest.subarray(0, end + 1));
        rest = end === -1 ? rest.subarray(rest.length) : rest.subarray(end + 1);
        if (end === -1 && pending.length <= REPORT_BYTES_MAX) return;
        const value = parse(pending);
        if (isReport(value)) onReport(value);
        else controller.enqueue(pending);
        pending = undefined;
      }
    },
    flush(controller) {
      if (pending) controller.enqueue(pending);
    },
  });
}

/** Whether `value` is an object whose `kind` is one of `kinds`. */
export function hasKind(value: unknown, kinds: readonly string[]): boolean {
  return typeof value === "object" && value !== null && "kind" in value && kinds.includes(String(value.kind));
}

/** `undefined` if it is not JSON. */
function parse(line: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(line.subarray(1)));
  } catch {
    return undefined;
  }
}

function joined(first: Uint8Array, second: Uint8Array): Uint8Array<ArrayBuffer> {
  const both = new Uint8Array(first.length + second.length);
  both.set(first);
  both.set(second, first.length);
  return both;
}
