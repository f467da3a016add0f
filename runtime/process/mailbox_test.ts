import assert from "node:assert/strict";
import type { Message } from "../message/message.ts";
import { ANYONE_LOCAL } from "../message/principal.ts";
import { Activation, NO_REPLY, type ProcessRef } from "./activation.ts";
import type { Handler } from "./handler.ts";
import { Mailbox } from "./mailbox.ts";

const handler: Handler = {
  tag: "Do",
  method: "do",
  save: { kind: "never" },
  takesContext: false,
  transports: new Set(),
};

function message(): Activation {
  const target = "p:q:r";
  const process: ProcessRef = { id: target, position: 0, losses: 0, running: null, awaits: () => false };
  const message: Message = {
    target,
    tag: "Do",
    args: [],
    principal: ANYONE_LOCAL,
    chain: null,
    deadline: Infinity,
  };
  return new Activation(process, handler, message, NO_REPLY);
}

Deno.test("messages leave the mailbox in the order in which they came", () => {
  const mailbox = new Mailbox();
  const [a, b, c] = [message(), message(), message()];
  mailbox.push(a);
  mailbox.push(b);
  assert.deepEqual([mailbox.size, mailbox.first === a, [...mailbox].length], [2, true, 2]);
  assert.equal(mailbox.shift(), a);
  mailbox.push(c);
  assert.deepEqual([mailbox.shift() === b, mailbox.shift() === c, mailbox.shift(), mailbox.size], [
    true,
    true,
    null,
    0,
  ]);
  mailbox.push(a);
  assert.deepEqual(
    [mailbox.first === a, mailbox.shift() === a, mailbox.first],
    [true, true, null],
    "one can come again",
  );
});

Deno.test("a mailbox holds as many as its bound says", () => {
  const mailbox = new Mailbox();
  for (let count = 0; count < 10_000; count++) mailbox.push(message());
  assert.throws(() => mailbox.push(message()), {
    code: "mailbox_full",
    message: "Cannot deliver to p:q:r as its mailbox is full: 10000 messages wait (MAILBOX_MESSAGES_MAX)",
  });
  mailbox.shift();
  mailbox.push(message());
  assert.equal(mailbox.size, 10_000);
});
