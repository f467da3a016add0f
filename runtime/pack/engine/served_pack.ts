/** Answers the requests of a `RemoteEngine` for one pack, in a worker or in a child process. */
import { type Carrier, openNative, PackFault } from "@denizen/pack-sdk";
import { GUARD, guardLoops } from "../sandbox/loop_guard.ts";
import { compileModule, openModule } from "./open_module.ts";
import { decodeRequest, encodeMessage, faultOf, type Reply, type Request } from "./protocol.ts";

export class ServedPack {
  readonly #guard: (() => void) | undefined;
  #carrier: Carrier | undefined;

  /** @param guard called regularly by the code of a WebAssembly pack; it throws if the pack is to stop. */
  constructor(guard?: () => void) {
    this.#guard = guard;
  }

  /** Answers one request; an error becomes a reply with a fault. */
  async answer(bytes: Uint8Array): Promise<Uint8Array<ArrayBuffer>> {
    try {
      const reply = await this.#do(decodeRequest(bytes));
      return encodeReply({ ...reply, memoryBytes: this.#carrier?.memoryBytes() ?? 0 });
    } catch (thrown) {
      return encodeMessage({ fault: faultOf(thrown), memoryBytes: 0 });
    }
  }

  async #do(request: Request): Promise<Omit<Reply, "memoryBytes">> {
    if (request.op === "open") {
      const { source } = request;
      this.#carrier = source.carrier === "native"
        ? openNative(source.path)
        : await this.#openGuarded(source.module as Uint8Array<ArrayBuffer>);
      return { description: this.#carrier.description };
    }
    const carrier = this.#carrier;
    if (!carrier) throw new PackFault("closed", "Cannot call the pack as it is not open");
    if (request.op === "create") return { instance: carrier.create(request.factory) };
    if (request.op === "destroy") {
      carrier.destroy(request.instance);
      return {};
    }
    const { instance, input, config, blocking } = request;
    const output = blocking && carrier.canTickAsync
      ? await carrier.tickAsync(instance, input, config)
      : carrier.tick(instance, input, config);
    return { output };
  }

  async #openGuarded(bytes: Uint8Array<ArrayBuffer>): Promise<Carrier> {
    const guard = this.#guard;
    if (!guard) return openModule(await compileModule(bytes));
    const module = await compileModule(guardLoops(bytes));
    return openModule(module, { imports: { [GUARD.module]: { [GUARD.name]: guard } } });
  }
}

/** A reply that no frame can hold is the fault of the pack's result. */
function encodeReply(reply: Reply): Uint8Array<ArrayBuffer> {
  try {
    return encodeMessage(reply);
  } catch (thrown) {
    if (!(thrown instanceof PackFault)) throw thrown;
    throw new PackFault("result", `Cannot send the result: ${thrown.message}`, 0, thrown);
  }
}
