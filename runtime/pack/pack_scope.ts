/**
 * The packs as one process uses them: asked twice for the same template and configuration, it answers with
 * the same instance, which lasts as long as the process is in memory. A process holds a bounded number of
 * instances; beyond it the least recently used idle one ends.
 */
import type { TemplateDescription } from "@denizen/pack-sdk";
import { DenizenError } from "../errors.ts";
import { PACK_INSTANCES_PER_PROCESS_MAX } from "../limits.ts";
import type {
  ActorOptions,
  PackActor,
  Packs,
  Template,
  TemplateTypes,
  UntypedTemplate,
} from "../process/packs.ts";
import type { LoadedPack } from "./loaded_pack.ts";
import { TemplateActor } from "./template_actor.ts";
import type { TemplateInstance } from "./template_instance.ts";

/** A template and the pack it belongs to. */
export interface FoundTemplate {
  readonly pack: LoadedPack;
  readonly name: string;
  readonly description: TemplateDescription;
}

export interface TemplateFinder {
  /**
   * The pack of a template, `text.tokenize` or `text.tokenize@1.0.0`.
   *
   * @param what is made of the template, for the error's text.
   * @throws {DenizenError} `unknown_template`.
   */
  find(id: string, what?: string): FoundTemplate;
}

interface HeldInstance {
  readonly pack: LoadedPack;
  readonly opening: Promise<TemplateInstance>;
  /** `undefined` while it is opened. */
  instance: TemplateInstance | undefined;
}

/** The instances of one process, by template and configuration. */
export type HeldInstances = Map<string, HeldInstance>;

export class PackScope implements Packs {
  readonly #templates: TemplateFinder;
  readonly #held: HeldInstances;
  readonly #deadline: (() => number) | undefined;

  constructor(templates: TemplateFinder, held: HeldInstances, deadline?: () => number) {
    this.#templates = templates;
    this.#held = held;
    this.#deadline = deadline;
  }

  async actor<T extends TemplateTypes = UntypedTemplate>(
    template: string | Template<T>,
    { config }: ActorOptions<T> = {},
  ): Promise<PackActor<T>> {
    const instance = await this.#instance(typeof template === "string" ? template : template.id, config);
    return new TemplateActor(instance, this.#deadline) as PackActor as PackActor<T>;
  }

  /** Ends every instance, after its running calls. */
  end(): void {
    for (const [key, held] of this.#held) this.#drop(key, held);
  }

  async #instance(id: string, config: object | undefined): Promise<TemplateInstance> {
    const { pack, name } = this.#templates.find(id);
    const key = JSON.stringify([id, config]);
    const known = this.#held.get(key);
    // After a reload the template belongs to another pack.
    if (known && known.pack === pack) {
      const instance = await known.opening;
      if (!instance.ended) return instance;
      // It was replaced while it was opened.
      if (this.#held.get(key) !== known) return await this.#instance(id, config);
    }
    if (known) this.#drop(key, known);
    else this.#makeRoom(id);
    return await this.#open(key, pack, pack.open(name, config));
  }

  async #open(key: string, pack: LoadedPack, opening: Promise<TemplateInstance>): Promise<TemplateInstance> {
    const held: HeldInstance = { pack, opening, instance: undefined };
    this.#held.set(key, held);
    try {
      return held.instance = await opening;
    } catch (thrown) {
      if (this.#held.get(key) === held) this.#held.delete(key);
      throw thrown;
    }
  }

  /** @throws {DenizenError} `overloaded` if every instance that is held runs a call. */
  #makeRoom(id: string): void {
    if (this.#held.size < PACK_INSTANCES_PER_PROCESS_MAX) return;
    let oldest: [key: string, held: HeldInstance, lastUsed: number] | undefined;
    for (const [key, held] of this.#held) {
      const { instance } = held;
      if (!instance?.idle) continue;
      const lastUsed = instance.ended ? -Infinity : instance.lastUsed;
      if (oldest === undefined || lastUsed < oldest[2]) oldest = [key, held, lastUsed];
    }
    if (!oldest) {
      throw new DenizenError(
        "overloaded",
        `Cannot make an actor of ${id} as its process runs calls of too many others: ${this.#held.size} (PACK_INSTANCES_PER_PROCESS_MAX)`,
      );
    }
    this.#drop(oldest[0], oldest[1]);
  }

  #drop(key: string, { opening, instance }: HeldInstance): void {
    this.#held.delete(key);
    const ended = instance ? instance.end() : opening.then((instance) => instance.end());
    ended.catch(() => {});
  }
}
