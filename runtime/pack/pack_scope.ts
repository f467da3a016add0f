/** The packs as one process sees them: its actors last as long as it is in memory. */
import type {
  ActorOptions,
  PackActor,
  Packs,
  PortValues,
  RunOptions,
  Template,
  TemplateTypes,
  UntypedTemplate,
} from "../process/packs.ts";
import type { LoadedPack } from "./loaded_pack.ts";

/** What a scope needs of the table. */
export interface ScopedTable extends Packs {
  find(id: string): { readonly pack: LoadedPack; readonly name: string };
}

interface HeldActor {
  readonly pack: LoadedPack;
  readonly actor: Promise<PackActor>;
}

/** By their owners, which hold nothing else: actors of an owner that is gone are gone, too, and end by themselves. */
const held = new WeakMap<ScopedTable, WeakMap<object, Map<string, HeldActor>>>();

/** An actor as one handler has it: nobody waits for its calls beyond the handler's deadline. */
class DeadlineActor implements PackActor {
  readonly #actor: PackActor;
  readonly #deadline: () => number;

  constructor(actor: PackActor, deadline: () => number) {
    this.#actor = actor;
    this.#deadline = deadline;
  }

  get template(): string {
    return this.#actor.template;
  }

  get ended(): boolean {
    return this.#actor.ended;
  }

  run(input: PortValues, options: RunOptions = {}): Promise<PortValues> {
    const deadline = Math.min(options.deadline ?? Infinity, this.#deadline());
    return this.#actor.run(input, { ...options, deadline });
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#actor[Symbol.asyncDispose]();
  }
}

export class PackScope implements Packs {
  readonly #table: ScopedTable;
  readonly #owner: object;
  readonly #deadline: (() => number) | undefined;

  constructor(table: ScopedTable, owner: object, deadline?: () => number) {
    this.#table = table;
    this.#owner = owner;
    this.#deadline = deadline;
  }

  async actor<T extends TemplateTypes = UntypedTemplate>(
    template: string | Template<T>,
    options: ActorOptions<T> = {},
  ): Promise<PackActor<T>> {
    const actor = await this.#held(template, options);
    return (this.#deadline ? new DeadlineActor(actor as PackActor, this.#deadline) : actor) as PackActor<T>;
  }

  async #held<T extends TemplateTypes>(
    template: string | Template<T>,
    options: ActorOptions<T>,
  ): Promise<PackActor<T>> {
    const id = typeof template === "string" ? template : template.id;
    const { pack } = this.#table.find(id);
    const actors = this.#actors();
    const key = JSON.stringify([id, options.config]);
    const known = actors.get(key);
    // A pack that was reloaded has a successor.
    if (known && known.pack === pack) {
      const actor = await known.actor;
      if (!actor.ended) return actor as PackActor<T>;
      if (actors.get(key) !== known) return await this.#held(template, options);
    }
    const actor = this.#table.actor(template, options) as Promise<PackActor>;
    actors.set(key, { pack, actor });
    actor.catch(() => actors.get(key)?.actor === actor && actors.delete(key));
    if (known) void known.actor.then((old) => old[Symbol.asyncDispose]()).catch(() => {});
    return await actor as PackActor<T>;
  }

  #actors(): Map<string, HeldActor> {
    let owners = held.get(this.#table);
    if (!owners) held.set(this.#table, owners = new WeakMap());
    let actors = owners.get(this.#owner);
    if (!actors) owners.set(this.#owner, actors = new Map());
    return actors;
  }
}
