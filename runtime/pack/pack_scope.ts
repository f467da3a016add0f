/** The packs as one process sees them: its actors last as long as it is in memory. */
import type {
  ActorOptions,
  PackActor,
  Packs,
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

export class PackScope implements Packs {
  readonly #table: ScopedTable;
  readonly #owner: object;

  constructor(table: ScopedTable, owner: object) {
    this.#table = table;
    this.#owner = owner;
  }

  async actor<T extends TemplateTypes = UntypedTemplate>(
    template: string | Template<T>,
    options: ActorOptions<T> = {},
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
      if (actors.get(key) !== known) return await this.actor(template, options);
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
