/** One loaded pack: its templates, the engines that run them, and how many instances there are. */
import type { PackDescription, TemplateDescription } from "@denizen/pack-sdk";
import { DenizenError, messageOf } from "../errors.ts";
import type { Clock } from "../world/clock.ts";
import type { CarrierChoice, IsolationMode } from "./carrier_choice.ts";
import type { TimeLimit } from "./engine/engine.ts";
import type { EngineSupervisor } from "./engine/engine_supervisor.ts";
import type { PackRequest } from "./bundle/pack_settings.ts";
import { type TemplateHost, TemplateInstance } from "./template_instance.ts";

/** Facts about a pack, for people and for `denizen pack list`. */
export interface PackInfo {
  readonly name: string;
  readonly version: string;
  readonly path: string;
  /** SHA-256 of the file that runs, in hex. */
  readonly sha256: string;
  /** Where it runs, and why. */
  readonly place: IsolationMode;
  readonly reason: string;
  readonly trusted: boolean;
  /** The public key of its signature, in base64. */
  readonly signedBy: string | undefined;
  readonly templates: readonly TemplateDescription[];
  readonly instances: number;
  /** How often its engine was restarted after a trap, a crash or a stop. */
  readonly restarts: number;
  readonly memoryBytes: number;
}

interface LoadedPackParts {
  readonly name: string;
  readonly version: string;
  readonly sha256: string;
  readonly request: PackRequest;
  readonly choice: CarrierChoice;
  readonly trusted: boolean;
  readonly signedBy: string | undefined;
  readonly description: PackDescription;
  /** Runs every template, or those that do not block if there is a `blocking` engine. */
  readonly supervisor: EngineSupervisor;
  /** Runs templates that block, if the other engine is on the node's thread. */
  readonly blocking: EngineSupervisor | undefined;
  readonly timeLimitMs: TimeLimit;
  readonly blockingTimeLimitMs: TimeLimit;
  readonly clock: Clock;
  /** Files needed while it is loaded. */
  readonly held: AsyncDisposable | undefined;
}

export class LoadedPack {
  readonly #parts: LoadedPackParts;
  readonly #hosts = new Map<string, TemplateHost>();
  #instances = 0;
  #retired = false;
  #closing: Promise<void> | undefined;
  readonly #closed = Promise.withResolvers<void>();

  constructor(parts: LoadedPackParts) {
    this.#parts = parts;
    const { name, supervisor, blocking, timeLimitMs, blockingTimeLimitMs } = parts;
    const released = () => this.#release();
    parts.description.templates.forEach((template, factory) => {
      const blocks = template.blocking && blocking !== undefined;
      this.#hosts.set(template.name, {
        pack: name,
        template,
        inports: new Set(template.inports),
        factory,
        supervisor: blocks ? blocking : supervisor,
        timeLimitMs: blocks ? blockingTimeLimitMs : timeLimitMs,
        released,
        clock: parts.clock,
      });
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
    return this.#hosts.keys();
  }

  has(template: string): boolean {
    return this.#hosts.has(template);
  }

  /** The description of a template that it {@link has}. */
  describe(template: string): TemplateDescription {
    return this.#hosts.get(template)!.template;
  }

  /** It opens no more instances. */
  get retired(): boolean {
    return this.#retired;
  }

  get info(): PackInfo {
    const { name, version, request, sha256, choice, trusted, signedBy, description, supervisor, blocking } =
      this.#parts;
    return {
      name,
      version,
      path: request.path,
      sha256,
      place: choice.isolation,
      reason: choice.reason,
      trusted,
      signedBy,
      templates: description.templates,
      instances: this.#instances,
      restarts: supervisor.restartCount + (blocking?.restartCount ?? 0),
      memoryBytes: supervisor.memoryBytes() + (blocking?.memoryBytes() ?? 0),
    };
  }

  /**
   * A new instance of a template that it {@link has}.
   *
   * @throws {DenizenError} `invalid_argument` if the configuration is not JSON, or what the pack fails with.
   */
  async open(template: string, config: object | undefined): Promise<TemplateInstance> {
    const host = this.#hosts.get(template)!;
    const text = configText(config, template);
    this.#instances++;
    return await new TemplateInstance(host, text).begin();
  }

  /** Opens no more instances; resolves when the last one has ended and the pack is unloaded. */
  retire(): Promise<void> {
    this.#retired = true;
    if (this.#instances === 0) void this.close().catch(() => {});
    return this.#closed.promise;
  }

  /** Unloads it after the running calls; later calls fail with `pack_closed`. */
  close(): Promise<void> {
    this.#retired = true;
    this.#closing ??= this.#close();
    return this.#closing;
  }

  /**
   * Unloads it at once; running calls fail. Native code in this process is not waited for: it is unloaded
   * after its calls.
   */
  async abort(): Promise<void> {
    this.#retired = true;
    await Promise.all([this.#parts.supervisor.abort(), this.#parts.blocking?.abort()]);
    const closed = this.close();
    if (this.#parts.choice.isolation === "native") closed.catch(() => {});
    else await closed;
  }

  #release(): void {
    this.#instances--;
    if (this.#retired && this.#instances === 0) void this.close().catch(() => {});
  }

  async #close(): Promise<void> {
    try {
      await Promise.all([this.#parts.supervisor.close(), this.#parts.blocking?.close()]);
      await this.#parts.held?.[Symbol.asyncDispose]();
      this.#closed.resolve();
    } catch (thrown) {
      this.#closed.reject(thrown);
      // `close` reports the error, too, so this promise may go unobserved.
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
    `Cannot make an actor of ${template} as its configuration is not an object`,
  );
}
