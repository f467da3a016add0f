/**
 * A template as a process: its one handler, `run`, takes values by inport and returns values by outport.
 * Each process has an instance of the template, which lives as long as the process is in memory; none of it
 * is saved.
 */
import { type HandlerContract, Http, Save } from "@denizen/macro";
import { DenizenError, Refusal } from "../errors.ts";
import { PASSIVATE_AFTER_DEFAULT_S } from "../limits.ts";
import type { SendResult } from "../message/send_result.ts";
import type { Caller, CallOptions } from "../process/caller.ts";
import type { Context } from "../process/context.ts";
import type { Definition } from "../process/definition.ts";
import type { Executor } from "../process/executor.ts";
import type { Handler } from "../process/handler.ts";
import type { PackActor, PortValues, Template, TemplateTypes } from "../process/packs.ts";
import type { TemplateMount } from "./bundle/pack_settings.ts";
import { PackScope, type TemplateFinder } from "./pack_scope.ts";
import { copyPorts, encodePorts, PortCodec } from "./port_codec.ts";

const RUN_TAG = "Run";
/** The path for tagged bodies, after the address. */
const ENDPOINT = "/api";

/**
 * Runs a process with an instance of a template, which it ends when the process leaves memory. The state is
 * the instance's own, and none of it is saved.
 */
class TemplateExecutor implements Executor {
  readonly #template: string;
  readonly #config: TemplateMount["config"];
  readonly #scope: PackScope;

  constructor(templates: TemplateFinder, { template, config }: TemplateMount) {
    this.#template = template;
    this.#config = config;
    this.#scope = new PackScope(templates, new Map());
  }

  /** Without an instance the process starts all the same: each call tries again and fails with the reason. */
  async open(): Promise<void> {
    await this.#actor().catch(() => {});
  }

  async run(_handler: Handler, [input]: readonly unknown[], context: unknown): Promise<unknown> {
    const { deadline } = context as Context;
    try {
      const actor = await this.#actor();
      return await actor.run(input as PortValues, { deadline });
    } catch (thrown) {
      throw asRefusal(thrown);
    }
  }

  capture(): string {
    return "{}";
  }

  check(): void {}

  savepoint(): object {
    return this;
  }

  rollBack(): void {}

  close(): void {
    this.#scope.end();
  }

  /** The actor of `open`, or a new one if the pack was reloaded since. */
  #actor(): Promise<PackActor> {
    return this.#scope.actor(this.#template, { config: this.#config });
  }
}

function runContract(codec: PortCodec): HandlerContract {
  const decode = (wire: unknown) => codec.decode(wire);
  return {
    tag: RUN_TAG,
    method: "run",
    transports: ["http", "local"],
    parameters: [{ name: "input", optional: false, text: false, bytes: false, decode }],
    takesContext: true,
    returnsResponse: false,
    decodeArguments: (wire) => [decode(wire)],
    encodeArguments: ([input]) => encodePorts(input),
    copyArguments: ([input]) => [codec.copy(input)],
    encodeResult: encodePorts,
    decodeResult: (wire) => wire,
    copyResult: copyPorts,
  };
}

/**
 * The definition of a mounted template.
 *
 * @throws {DenizenError} `unknown_template`.
 */
export function templateProcess(mount: TemplateMount, templates: TemplateFinder): Definition {
  const { id, template, keyed = false } = mount;
  const { description } = templates.find(template, id);
  const run: Handler = {
    tag: RUN_TAG,
    method: "run",
    save: Save.never,
    takesContext: true,
    transports: new Set(["http", "local"]),
    contract: runContract(new PortCodec(description)),
  };
  return {
    id,
    name: id.slice(0, id.indexOf(":")),
    keyed,
    interleaved: false,
    save: Save.never,
    passivateAfterMs: keyed ? PASSIVATE_AFTER_DEFAULT_S * 1000 : Infinity,
    version: 1,
    endpoints: [Http(ENDPOINT)],
    handlers: new Map([[RUN_TAG, run]]),
    executor: () => new TemplateExecutor(templates, mount),
  };
}

/** An input that the template refuses is a reply, not a failure of the process. */
function asRefusal(thrown: unknown): unknown {
  if (!(thrown instanceof DenizenError) || thrown.code !== "pack_failed") return thrown;
  return new Refusal(thrown.message, { cause: thrown, data: thrown.data });
}

/** Calls templates that are mounted as processes. */
export interface TemplateStub<T extends TemplateTypes> {
  run(input: T["in"], options?: CallOptions): Promise<SendResult<T["out"]>>;
}

/**
 * A stub for a process that is a mounted template.
 *
 * @param template as the generated module of the pack exports it.
 * @param address such as `tokenizer:my-app:me.os`.
 */
export function templateStub<T extends TemplateTypes>(
  _template: Template<T>,
  caller: Caller,
  address: string,
): TemplateStub<T> {
  return { run: (input, options) => caller.call<T["out"]>(address, STUB_CONTRACT, [input], options) };
}

/** Names the handler; the called process knows the ports. */
const STUB_CONTRACT = runContract(
  new PortCodec({ inports: [], types: {} }),
);
