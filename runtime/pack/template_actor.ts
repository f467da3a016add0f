/** An instance of a template in the hands of one caller, whose deadline limits its calls. */
import type { PackActor, PortValues, RunOptions } from "../process/packs.ts";
import { monotonicTimeOf } from "../world/clock.ts";
import type { TemplateInstance } from "./template_instance.ts";

export class TemplateActor implements PackActor {
  readonly #instance: TemplateInstance;
  readonly #deadline: (() => number) | undefined;

  /**
   * @param deadline when the caller stops waiting for calls made now, in milliseconds since the Unix epoch.
   */
  constructor(instance: TemplateInstance, deadline?: () => number) {
    this.#instance = instance;
    this.#deadline = deadline;
  }

  get template(): string {
    return this.#instance.host.template.name;
  }

  get ended(): boolean {
    return this.#instance.ended;
  }

  run(input: PortValues, { timeoutMs, deadline = Infinity }: RunOptions = {}): Promise<PortValues> {
    const wall = this.#deadline === undefined ? deadline : Math.min(deadline, this.#deadline());
    return this.#instance.run(input, {
      timeoutMs,
      deadline: monotonicTimeOf(this.#instance.host.clock, wall),
    });
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#instance.end();
  }
}
