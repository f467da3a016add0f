/** Waiting messages of a process, first in, first out: a linked list, so that an empty one costs nothing. */
import { DenizenError } from "../errors.ts";
import { MAILBOX_MESSAGES_MAX, RETRY_AFTER_S } from "../limits.ts";
import type { Activation } from "./activation.ts";

export class Mailbox {
  #first: Activation | null = null;
  #last: Activation | null = null;
  size = 0;

  /** @throws {DenizenError} `mailbox_full`. */
  push(activation: Activation): void {
    if (this.size >= MAILBOX_MESSAGES_MAX) {
      throw new DenizenError(
        "mailbox_full",
        `Cannot deliver to ${activation.process.id} as its mailbox is full: ${MAILBOX_MESSAGES_MAX} messages wait (MAILBOX_MESSAGES_MAX)`,
        { data: { retryAfterSeconds: RETRY_AFTER_S } },
      );
    }
    if (this.#last) this.#last.next = activation;
    else this.#first = activation;
    this.#last = activation;
    this.size++;
  }

  get first(): Activation | null {
    return this.#first;
  }

  *[Symbol.iterator](): Generator<Activation> {
    for (let at = this.#first; at; at = at.next) yield at;
  }

  shift(): Activation | null {
    const first = this.#first;
    if (!first) return null;
    this.#first = first.next;
    if (!this.#first) this.#last = null;
    first.next = null;
    this.size--;
    return first;
  }
}
