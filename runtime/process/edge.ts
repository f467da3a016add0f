/** The gate at the node's edge (G3): an answer leaves when what it tells of is durable, or when nobody waits for it any more. */
import { DenizenError } from "../errors.ts";
import type { Deadlines, Expiring } from "../message/deadlines.ts";
import type { CommitQueue } from "../commit/commit_queue.ts";
import type { Invocation } from "./invocation.ts";

export class Edge {
  readonly #commits: CommitQueue;
  readonly #deadlines: Deadlines;

  constructor(commits: CommitQueue, deadlines: Deadlines) {
    this.#commits = commits;
    this.#deadlines = deadlines;
  }

  /** Whether the answer may leave now. */
  isOpen({ position }: Invocation): boolean {
    return position <= this.#commits.durable && this.#commits.ownershipLost === undefined;
  }

  /**
   * Resolves when the answer may leave.
   *
   * @throws {DenizenError} why what it tells of was lost, or `timeout` if the store does not answer before the deadline.
   */
  pass(invocation: Invocation): Promise<void> {
    return new Promise((resolve, reject) => {
      const watched: Expiring = {
        deadline: invocation.deadline,
        expire: () => reject(overdue(invocation)),
        // A node that stops saves first, and then it is known.
        abandon: () => {},
      };
      this.#deadlines.add(watched);
      this.#commits.whenDurable(invocation.position, () => {
        this.#deadlines.remove(watched);
        resolve();
      }, (lost) => {
        this.#deadlines.remove(watched);
        reject(lost);
      });
    });
  }
}

function overdue({ handler, unit }: Invocation): DenizenError {
  return new DenizenError(
    "timeout",
    `Cannot answer ${handler.tag} of ${unit.id} in time as what it changed is not durable yet`,
  );
}
