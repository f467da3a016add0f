/**
 * The one way out of the node (G3): replies, pushes, chunks of streams and closes wait here until the
 * commits that they depend on are durable. What depends on a lost commit never leaves.
 *
 * Owns: the wait, and its end by a deadline. Does not own: which position something depends on (process/),
 * nor how it is sent (http/).
 */
import { DenizenError } from "../errors.ts";
import type { CommitQueue } from "./commit_queue.ts";
import type { Release, Releaser } from "./release.ts";

/** A wait that a deadline ends; see message/deadlines.ts. */
interface Expiring {
  readonly deadline: number;
  expire(): void;
  abandon(error: DenizenError): void;
}

interface OutputGateParts {
  readonly commits: Pick<CommitQueue, "durable" | "lossOf" | "whenDurable" | "ownershipLost">;
  readonly deadlines: { add(item: Expiring): void; remove(item: Expiring): void };
  readonly releaser: Releaser;
}

/** What waits to leave, and until when. */
interface Leaving {
  /** The newest commit that it depends on. */
  readonly position: number;
  /** On the node's monotonic clock, in milliseconds. */
  readonly deadline: number;
  /** What it answers, for the text of a timeout: `Add of actor.a:tests:denizen.os`. */
  readonly subject: string;
}

export class OutputGate {
  readonly #parts: OutputGateParts;

  constructor(parts: OutputGateParts) {
    this.#parts = parts;
  }

  /** Whether something that depends on `position` may leave now. */
  isOpen(position: number): boolean {
    const { commits } = this.#parts;
    return position <= commits.durable && commits.lossOf(position) === undefined &&
      commits.ownershipLost === undefined;
  }

  /**
   * Resolves when it may leave.
   *
   * @throws {DenizenError} why a commit that it depends on was lost, or `timeout` if the store does not
   * answer before the deadline.
   */
  pass(leaving: Leaving): Promise<void> {
    const { deadlines } = this.#parts;
    return new Promise((resolve, reject) => {
      const watched: Expiring = {
        deadline: leaving.deadline,
        expire: () => reject(overdue(leaving)),
        // A node that stops saves first, which ends the wait.
        abandon: () => {},
      };
      deadlines.add(watched);
      this.#whenOpen(leaving.position, () => {
        deadlines.remove(watched);
        resolve();
      }, (lost) => {
        deadlines.remove(watched);
        reject(lost);
      });
    });
  }

  /** A node that no longer owns its store tells nothing of it, durable or not (G1). */
  #whenOpen(position: number, open: () => void, lost: (error: DenizenError) => void): void {
    const { commits } = this.#parts;
    commits.whenDurable(position, () => {
      const { ownershipLost } = commits;
      if (ownershipLost) lost(ownershipLost);
      else open();
    }, lost);
  }

  /** Carries out what a handler left behind once `position` is durable, and nothing of it if that is lost. */
  release(position: number, releases: readonly Release[]): void {
    const { releaser } = this.#parts;
    this.#whenOpen(position, () => {
      for (const release of releases) releaser.release(release);
    }, () => {});
  }

  /**
   * The chunks of `stream`, each held until everything that its process had seen when the chunk was made is
   * durable. The stream breaks off with the loss if that is lost.
   *
   * @param position the newest commit that the process depends on, as of now.
   */
  stream<T>(stream: ReadableStream<T>, position: () => number): ReadableStream<T> {
    const reader = stream.getReader();
    const open = () => new Promise<void>((ok, lost) => this.#whenOpen(position(), ok, lost));
    return new ReadableStream<T>({
      async pull(controller) {
        const { done, value } = await reader.read();
        if (done) return controller.close();
        try {
          await open();
        } catch (loss) {
          reader.cancel(loss).catch(() => {});
          throw loss;
        }
        controller.enqueue(value);
      },
      cancel: (reason) => reader.cancel(reason),
    }, { highWaterMark: 0 });
  }
}

function overdue({ subject }: Leaving): DenizenError {
  return new DenizenError(
    "timeout",
    `Cannot answer ${subject} in time as what it changed is not durable yet`,
  );
}
