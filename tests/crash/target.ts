/** The node that a load goes to, while it is killed and started again. */
import type { HostProcess } from "../host_process.ts";

export class Target {
  #host: HostProcess | undefined;
  #next = Promise.withResolvers<HostProcess | undefined>();
  #stopped = false;

  /** Requests go to `host` from now on. */
  set(host: HostProcess): void {
    this.#host = host;
    this.#next.resolve(host);
    this.#next = Promise.withResolvers();
  }

  /** The load ends as soon as it has its answers. */
  stop(): void {
    this.#stopped = true;
    this.#next.resolve(undefined);
  }

  get stopped(): boolean {
    return this.#stopped;
  }

  /**
   * Sends a request until a node acknowledges it, over as many nodes as that takes. Returns whether one did:
   * there may be none any more when the load is stopped.
   */
  async deliver(id: string, body: unknown): Promise<boolean> {
    for (let host = this.#host ?? await this.#next.promise; host;) {
      const answer = await attempt(host, id, body);
      if (answer === "acknowledged") return true;
      if (answer === "gone") host = this.#host === host ? await this.#next.promise : this.#host;
    }
    return false;
  }
}

/**
 * A node that is not being ended has to be there; it may refuse for a moment, as two processes that call each
 * other are.
 */
async function attempt(
  host: HostProcess,
  id: string,
  body: unknown,
): Promise<"acknowledged" | "refused" | "gone"> {
  let reply: Response;
  let text: string;
  try {
    reply = await host.post(id, body);
    text = await reply.text();
  } catch (error) {
    if (host.ending) return "gone";
    throw error;
  }
  if (reply.ok) return "acknowledged";
  const { code, retryable } = JSON.parse(text).error;
  if (code === "draining") return "gone";
  if (retryable) return "refused";
  throw new Error(`${JSON.stringify(body)} of ${id} was answered with ${text}`);
}
