/** Logging never stops who logs. */
import assert from "node:assert/strict";
import { createLog, jsonSink, type LogLine, textSink } from "./log.ts";

/** What a sink prints on standard error. */
function printed(print: () => void): string {
  const { error } = console;
  let text = "";
  console.error = (line: string) => text += `${line}\n`;
  try {
    print();
  } finally {
    console.error = error;
  }
  return text;
}

Deno.test("a log adds its fixed fields and the time to every line", () => {
  const lines: LogLine[] = [];
  createLog((line) => lines.push(line), () => 5, { process: "p" }).warn("text", { bytes: 3 });
  assert.deepEqual(lines, [{ level: "warn", time: 5, message: "text", fields: { process: "p", bytes: 3 } }]);
});

Deno.test("a line that its sink cannot write is written without its fields", () => {
  const circular: Record<string, unknown> = {};
  circular.self = circular;
  const text = printed(() => createLog(jsonSink, () => 0, { process: "p" }).info("text", { circular }));
  const { message, process, fieldsLost } = JSON.parse(text);
  assert.deepEqual([message, process], ["text", "p"]);
  assert.match(fieldsLost, /circular/);
});

Deno.test("a sink that fails stops no caller", () => {
  const log = createLog(() => {
    throw new Error("no disk");
  }, () => 0);
  log.error("text");
});

Deno.test("any thrown value can be logged, for people and for programs", () => {
  for (const error of [new Error("text"), "text", Symbol("s"), null, Object.create(null), () => {}, 5n]) {
    for (const sink of [jsonSink, textSink]) {
      const text = printed(() => createLog(sink, () => 0).error("handler failed", { error }));
      assert.match(text, /handler failed/, String(typeof error));
      assert.doesNotMatch(text, /fieldsLost/, String(typeof error));
    }
  }
});

Deno.test("a line for programs is one line, and an error's stack is in it", () => {
  const text = printed(() =>
    createLog(jsonSink, () => 0).error("failed", { error: new Error("a\nb"), count: 5n })
  );
  assert.equal(text.trimEnd().split("\n").length, 1);
  const { time, level, error, count } = JSON.parse(text);
  assert.deepEqual([time, level, count], ["1970-01-01T00:00:00.000Z", "error", "5"]);
  assert.match(error, /^Error: a\nb\n +at /);
});

Deno.test("a foreign text cannot start a line of its own for people, nor move the cursor", () => {
  const name = "evil\n00:00:00.000 info  all is well \u001b[2K\u2028x";
  const text = printed(() => createLog(textSink, () => 0).info("pack loaded", { name, place: "a worker" }));
  assert.equal(text.trimEnd().split(/[\n\u2028]/).length, 1, text);
  assert.ok(!text.includes("\u001b"));
  assert.match(text, /name="evil\\n00:.* place=a worker/);
});
