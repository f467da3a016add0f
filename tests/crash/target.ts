/** The node that a load is sent to, while it is killed and restarted. */
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

  /** The load ends when its requests in flight are answered. */
  stop(): void {
    this.#stopped = true;
    this.#next.resolve(undefined);
  }

  get stopped(): boolean {
    return this.#stopped;
  }

  /**
   * Repeats a request until a node acknowledges it, across restarts. Returns whether one did: after the load
   * is stopped there may be no node left.
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
 * A node that is not being stopped must be reachable; it may refuse for a moment, when two processes call
 * each other.
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
