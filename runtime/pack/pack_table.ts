/**
 * The packs of a node, by name and by template.
 *
 * I1. A pack is published whole or not at all.
 * I2. A template belongs to one pack. Versions of a pack may be loaded side by side; an id without a version
 * means the version
 *     loaded last.
 * I3. A pack that was replaced or unloaded stays until its last actor has ended.
 */
import { type Clock, systemClock } from "../world/clock.ts";
import { DenizenError, shortened } from "../errors.ts";
import { createLog, type Log, silentSink } from "../log.ts";
import type {
  ActorOptions,
  PackActor,
  PackHost,
  Packs,
  Template,
  TemplateTypes,
  UntypedTemplate,
} from "../process/packs.ts";
import { type ChildCommand, denoChildCommand } from "./engine/child_channel.ts";
import { LibraryCache } from "./engine/library_cache.ts";
import type { LoadedPack, PackInfo } from "./loaded_pack.ts";
import { PackLoader } from "./pack_loader.ts";
import type { PackRequest } from "./bundle/pack_settings.ts";
import { type FoundTemplate, type HeldInstances, PackScope, type TemplateFinder } from "./pack_scope.ts";
import { TemplateActor } from "./template_actor.ts";
import { WORKER_MODULE } from "./engine/worker_channel.ts";

export interface PackTableOptions {
  readonly clock?: Clock;
  readonly log?: Log;
  /** A folder that caches unpacked libraries. Default: none are cached. */
  readonly cache?: string;
  /**
   * The command of a child process that serves an isolated library. Default: this Deno; none in a compiled
   * program.
   */
  readonly childCommand?: () => ChildCommand;
  /** The program of workers. Default: `engine/wasm_worker.ts`. */
  readonly workerModule?: URL;
}

export class PackTable implements PackHost, TemplateFinder, AsyncDisposable {
  readonly #log: Log;
  readonly #loader: PackLoader;
  /** Published packs, in the order they were loaded. */
  readonly #packs: LoadedPack[] = [];
  /** Packs that wait for their last actor or a running call. */
  readonly #draining = new Set<LoadedPack>();
  /** The instances of each process. Weak, so that they become unreachable together with their process. */
  readonly #held = new WeakMap<object, HeldInstances>();
  #closed = false;

  constructor(options: PackTableOptions = {}) {
    const { clock = systemClock, log = createLog(silentSink, () => clock.now()) } = options;
    const { cache, childCommand = Deno.build.standalone ? undefined : denoChildCommand } = options;
    this.#log = log;
    this.#loader = new PackLoader({
      clock,
      log,
      cache: new LibraryCache(cache, log),
      childCommand,
      workerModule: options.workerModule ?? WORKER_MODULE,
    });
  }

  /**
   * Loads a pack and publishes its templates. The same bytes are loaded only once.
   *
   * @throws {DenizenError} if something is wrong with the pack, or `duplicate_template`; the table does not
   * change then.
   */
  async load(request: PackRequest): Promise<PackInfo> {
    const pack = await this.#loader.load(request);
    try {
      const twin = this.#find(pack.name, pack.version);
      if (twin && twin.info.sha256 === pack.info.sha256 && twin.info.place === pack.info.place) {
        await pack.close();
        return twin.info;
      }
      this.#publish(pack);
    } catch (thrown) {
      await pack.close();
      throw thrown;
    }
    return pack.info;
  }

  /**
   * Loads a pack again from its path; existing actors go on with the old one.
   *
   * @throws {DenizenError} `pack_closed` if there is no such pack; or what is wrong with the new one, and the
   * old one stays.
   */
  async reload(name: string, version?: string): Promise<PackInfo> {
    const old = this.#existing(name, version);
    const pack = await this.#loader.load(old.request);
    try {
      if (old.retired) {
        throw new DenizenError("pack_closed", `Cannot reload ${name} as it was unloaded meanwhile`);
      }
      this.#publish(pack, old);
    } catch (thrown) {
      await pack.close();
      throw thrown;
    }
    this.#drain(old);
    return pack.info;
  }

  /**
   * Opens no more actors of the pack; resolves when the last one has ended. With `now` the actors end at
   * once.
   */
  async unload(
    name: string,
    options: { readonly version?: string; readonly now?: boolean } = {},
  ): Promise<void> {
    const pack = this.#existing(name, options.version);
    this.#remove(pack);
    if (options.now) await pack.close();
    else await this.#drain(pack);
    this.#log.info("pack unloaded", { pack: name, version: pack.version });
  }

  list(): PackInfo[] {
    return this.#packs.map(({ info }) => info);
  }

  async actor<T extends TemplateTypes = UntypedTemplate>(
    template: string | Template<T>,
    options: ActorOptions<T> = {},
  ): Promise<PackActor<T>> {
    const { pack, name } = this.find(typeof template === "string" ? template : template.id);
    // Only the names of ports are checked at run time; their types are the caller's claim.
    return new TemplateActor(await pack.open(name, options.config)) as PackActor as PackActor<T>;
  }

  scope(owner: object, deadline?: () => number): Packs {
    let held = this.#held.get(owner);
    if (!held) this.#held.set(owner, held = new Map());
    return new PackScope(this, held, deadline);
  }

  find(id: string, what = "an actor"): FoundTemplate {
    const at = id.lastIndexOf("@");
    const name = at > 0 ? id.slice(0, at) : id;
    const version = at > 0 ? id.slice(at + 1) : undefined;
    const pack = this.#packs.findLast((pack) =>
      pack.has(name) && (version === undefined || pack.version === version)
    );
    if (pack) return { pack, name, description: pack.describe(name) };
    throw new DenizenError("unknown_template", `Cannot make ${what} as ${this.#whyNone(name)}: ${id}`);
  }

  /** Why no pack has the template, with the templates of the pack that is probably meant. */
  #whyNone(name: string): string {
    if (this.#packs.length === 0) return "no pack is loaded";
    if (this.#packs.some((pack) => pack.has(name))) return "no pack has the template in that version";
    const family = name.slice(0, name.lastIndexOf(".") + 1);
    const known = this.#packs.flatMap(({ templates }) => [...templates]).filter((template) =>
      family !== "" && template.startsWith(family)
    );
    if (known.length > 0) return `no pack has the template, but ${shortened(known.join(", "))}`;
    return `no pack has the template, and there is ${
      shortened(this.#packs.map(({ name }) => name).join(", "))
    }`;
  }

  /** Unloads every pack, after its running calls. */
  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#endAll().map((pack) => pack.close().finally(() => this.#draining.delete(pack))));
  }

  /** Unloads every pack at once: running calls fail, also those that a disposal already waits for. */
  async abort(): Promise<void> {
    await Promise.all(this.#endAll().map((pack) => pack.abort().finally(() => this.#draining.delete(pack))));
  }

  /** Closes the table and returns every pack that is not unloaded yet. */
  #endAll(): LoadedPack[] {
    this.#closed = true;
    for (const pack of this.#packs.splice(0)) this.#draining.add(pack);
    return [...this.#draining];
  }

  #find(name: string, version: string | undefined): LoadedPack | undefined {
    return this.#packs.findLast((pack) =>
      pack.name === name && (version === undefined || pack.version === version)
    );
  }

  #existing(name: string, version: string | undefined): LoadedPack {
    const pack = this.#find(name, version);
    if (pack) return pack;
    throw new DenizenError(
      "pack_closed",
      `Cannot find the pack as it is not loaded: ${name} ${version ?? ""}`.trimEnd(),
    );
  }

  /** Publishes a pack, in place of `replaced`. Synchronous, so that no caller sees half of it. */
  #publish(pack: LoadedPack, replaced?: LoadedPack): void {
    if (this.#closed) {
      throw new DenizenError("pack_closed", `Cannot load ${pack.name} as the node's packs are closed`);
    }
    const others = this.#packs.filter((other) => other !== replaced);
    if (others.some(({ name, version }) => name === pack.name && version === pack.version)) {
      throw new DenizenError(
        "duplicate_template",
        `Cannot load ${pack.name} ${pack.version} as it is loaded from other files: reload it`,
      );
    }
    const strangers = others.filter(({ name }) => name !== pack.name);
    for (const template of pack.templates) {
      const owner = strangers.find((other) => other.has(template));
      if (!owner) continue;
      throw new DenizenError(
        "duplicate_template",
        `Cannot load ${pack.name} as a template is taken: ${template} of ${owner.name}`,
      );
    }
    if (replaced) this.#remove(replaced);
    this.#packs.push(pack);
    const { name, version, place, reason, path } = pack.info;
    this.#log.info("pack loaded", { pack: name, version, place, reason, path });
  }

  #remove(pack: LoadedPack): void {
    this.#packs.splice(this.#packs.indexOf(pack), 1);
  }

  #drain(pack: LoadedPack): Promise<void> {
    this.#draining.add(pack);
    return pack.retire().finally(() => this.#draining.delete(pack));
  }
}
