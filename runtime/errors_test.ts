/** The error base and the texts of what was thrown. */
import assert from "node:assert/strict";
import { DenizenError, ERROR_CODES, messageOf, Refusal } from "./errors.ts";

Deno.test("an error says what to do next, and whether to ask again", () => {
  const error = new DenizenError("mailbox_full", "Cannot deliver as it is full");
  assert.deepEqual([error.next, error.retryable, error.status], ["retry", true, 503]);
  const broken = new DenizenError("failed", "Cannot answer as it threw", { cause: 5 });
  assert.deepEqual([broken.next, broken.retryable, broken.status, broken.cause], [
    "fix_process",
    false,
    500,
    5,
  ]);
  for (const [code, { status }] of Object.entries(ERROR_CODES)) {
    assert.ok(status >= 400 && status < 600, `${code} is ${status}`);
  }
});

Deno.test("a refusal has the status it was given, or 422", () => {
  assert.deepEqual([new Refusal("no").status, new Refusal("no", { status: 409 }).status], [422, 409]);
  assert.equal(new Refusal("no").code, "refused");
});

Deno.test("an error keeps its data as it was, as plain JSON", () => {
  const list = [1];
  const error = new Refusal("no", { data: { list, amount: 2n ** 64n, when: new Date(0), left: undefined } });
  list.push(2);
  assert.deepEqual(error.data, {
    list: [1],
    amount: "18446744073709551616",
    when: "1970-01-01T00:00:00.000Z",
  });
  const circular: Record<string, unknown> = {};
  circular.self = circular;
  assert.match(String(new Refusal("no", { data: circular }).data?.dataLost), /circular/);
});

Deno.test("anything that is thrown has a text", () => {
  const unreadable = Object.defineProperty(new Error(), "message", {
    get() {
      throw new Error("no message");
    },
  });
  const thrown = [
    new Error("text"),
    "text",
    5,
    undefined,
    null,
    Symbol("s"),
    Object.create(null),
    unreadable,
  ];
  assert.deepEqual(thrown.map(messageOf), [
    "text",
    "text",
    "5",
    "undefined",
    "null",
    "Symbol(s)",
    "a value without a text (object)",
    "a value without a text (object)",
  ]);
});
