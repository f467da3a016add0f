/** One pack that is loaded: its templates, the engines that run them, and how many actors there are. */
import type { PackDescription, TemplateDescription } from "@denizen/pack-sdk";
import { DenizenError, messageOf } from "../errors.ts";
import type { Clock } from "../world/clock.ts";
import type { CarrierChoice } from "./carrier_choice.ts";
import type { TimeLimit } from "./engine/engine.ts";
import type { EngineKeeper } from "./engine/engine_keeper.ts";
import type { PackRequest } from "./bundle/pack_settings.ts";
import { TemplateActor, type TemplateHost } from "./template_actor.ts";

/** What is known of a pack, for people and for `denizen pack list`. */
export interface PackInfo {
  readonly name: string;
  readonly version: string;
  readonly path: string;
  /** Of the file that runs, in hex. */
  readonly sha256: string;
  /** Where it runs, and why there. */
  readonly place: CarrierChoice["place"];
  readonly reason: string;
  readonly trusted: boolean;
  /** The public key that signed it, in base64. */
  readonly signedBy: string | undefined;
  readonly templates: readonly TemplateDescription[];
  readonly instances: number;
  /** How often it started again after a trap, a crash or a stop. */
  readonly restarts: number;
  readonly memoryBytes: number;
}

export interface LoadedPackParts {
  readonly name: string;
  readonly version: string;
  readonly sha256: string;
  readonly request: PackRequest;
  readonly choice: CarrierChoice;
  readonly trusted: boolean;
  readonly signedBy: string | undefined;
  readonly description: PackDescription;
  /** Runs templates that do not block, and all of them where there is no other. */
  readonly keeper: EngineKeeper;
  /** Runs templates that block, where the other is the node's own thread. */
  readonly blocking: EngineKeeper | undefined;
  readonly timeLimitMs: TimeLimit;
  readonly blockingTimeLimitMs: TimeLimit;
  readonly clock: Clock;
  /** Files that must stay while it is loaded. */
  readonly held: AsyncDisposable | undefined;
}

interface ActorSource {
  readonly host: TemplateHost;
  readonly inports: ReadonlySet<string>;
}

export class LoadedPack {
  readonly #parts: LoadedPackParts;
  readonly #sources = new Map<string, ActorSource>();
  #instances = 0;
  #retired = false;
  #closing: Promise<void> | undefined;
  readonly #closed = Promise.withResolvers<void>();

  constructor(parts: LoadedPackParts) {
    this.#parts = parts;
    const { name, keeper, blocking, timeLimitMs, blockingTimeLimitMs } = parts;
    const released = () => this.#release();
    parts.description.templates.forEach((template, factory) => {
      const aside = template.blocking && blocking !== undefined;
      const host = {
        pack: name,
        template,
        factory,
        keeper: aside ? blocking : keeper,
        timeLimitMs: aside ? blockingTimeLimitMs : timeLimitMs,
        released,
        clock: parts.clock,
      };
      this.#sources.set(template.name, { host, inports: new Set(template.inports) });
    });
  }

  get name(): string {
    return this.#parts.name;
  }

  get version(): string {
    return this.#parts.version;
  }

  get request(): PackRequest {
    return this.#parts.request;
  }

  get templates(): IterableIterator<string> {
    return this.#sources.keys();
  }

  has(template: string): boolean {
    return this.#sources.has(template);
  }

  /** What it says of a template that it {@link has}. */
  describe(template: string): TemplateDescription {
    return this.#sources.get(template)!.host.template;
  }

  /** It makes no more actors. */
  get retired(): boolean {
    return this.#retired;
  }

  get info(): PackInfo {
    const { name, version, request, sha256, choice, trusted, signedBy, description, keeper, blocking } =
      this.#parts;
    return {
      name,
      version,
      path: request.path,
      sha256,
      place: choice.place,
      reason: choice.reason,
      trusted,
      signedBy,
      templates: description.templates,
      instances: this.#instances,
      restarts: keeper.restarts + (blocking?.restarts ?? 0),
      memoryBytes: keeper.memoryBytes() + (blocking?.memoryBytes() ?? 0),
    };
  }

  actor(template: string, config: object | undefined): Promise<TemplateActor> {
    const { host, inports } = this.#sources.get(template)!;
    const text = configText(config, template);
    this.#instances++;
    return new TemplateActor(host, inports, text).begin();
  }

  /** Makes no more actors; resolves when the last one has ended and the pack is unloaded. */
  retire(): Promise<void> {
    this.#retired = true;
    if (this.#instances === 0) void this.close().catch(() => {});
    return this.#closed.promise;
  }

  /** Unloads it now, after the calls that run; actors that are left fail with `pack_closed`. */
  close(): Promise<void> {
    this.#retired = true;
    this.#closing ??= this.#close();
    return this.#closing;
  }

  /** Unloads it at once; calls that run fail. Native code in this process is not waited for: it goes when its calls end. */
  async abort(): Promise<void> {
    this.#retired = true;
    await Promise.all([this.#parts.keeper.abort(), this.#parts.blocking?.abort()]);
    const closed = this.close();
    if (this.#parts.choice.place === "native") closed.catch(() => {});
    else await closed;
  }

  #release(): void {
    this.#instances--;
    if (this.#retired && this.#instances === 0) void this.close().catch(() => {});
  }

  async #close(): Promise<void> {
    try {
      await Promise.all([this.#parts.keeper.close(), this.#parts.blocking?.close()]);
      await this.#parts.held?.[Symbol.asyncDispose]();
      this.#closed.resolve();
    } catch (thrown) {
      this.#closed.reject(thrown);
      // Whoever waits for it hears of it through `close`, too.
      this.#closed.promise.catch(() => {});
      throw thrown;
    }
  }
}

function configText(config: object | undefined, template: string): string {
  if (config === undefined) return "{}";
  try {
    const text = JSON.stringify(config);
    if (text?.startsWith("{")) return text;
  } catch (cause) {
    throw new DenizenError(
      "invalid_argument",
      `Cannot make an actor of ${template} as its configuration is not JSON: ${messageOf(cause)}`,
      { cause },
    );
  }
  throw new DenizenError(
    "invalid_argument",
    `Cannot make an actor of ${template} as its configuration is no object`,
  );
}
