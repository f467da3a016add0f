/** Messages that wait for a process, first in, first out: a linked list, so that an empty one costs nothing. */
import { DenizenError } from "../errors.ts";
import { MAILBOX_MESSAGES_MAX, RETRY_AFTER_S } from "../limits.ts";
import type { Invocation } from "./invocation.ts";

export class Mailbox {
  #first: Invocation | null = null;
  #last: Invocation | null = null;
  size = 0;

  /** @throws {DenizenError} `mailbox_full`. */
  push(invocation: Invocation): void {
    if (this.size >= MAILBOX_MESSAGES_MAX) {
      throw new DenizenError(
        "mailbox_full",
        `Cannot deliver to ${invocation.unit.id} as its mailbox is full: ${MAILBOX_MESSAGES_MAX} messages wait (MAILBOX_MESSAGES_MAX)`,
        { data: { retryAfterSeconds: RETRY_AFTER_S } },
      );
    }
    if (this.#last) this.#last.next = invocation;
    else this.#first = invocation;
    this.#last = invocation;
    this.size++;
  }

  get first(): Invocation | null {
    return this.#first;
  }

  *[Symbol.iterator](): Generator<Invocation> {
    for (let at = this.#first; at; at = at.next) yield at;
  }

  shift(): Invocation | null {
    const first = this.#first;
    if (!first) return null;
    this.#first = first.next;
    if (!this.#first) this.#last = null;
    first.next = null;
    this.size--;
    return first;
  }
}
