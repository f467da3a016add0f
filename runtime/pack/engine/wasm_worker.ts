/**
 * Runs in a worker and answers the requests of `worker_channel.ts`. The first message carries the flag that
 * stops it.
 */
import { DenizenError } from "../../errors.ts";
import { ServedPack } from "./served_pack.ts";

/** The worker's global scope, which is missing from the types of the main thread. */
interface WorkerEnd {
  onmessage: ((event: MessageEvent<Uint8Array | SharedArrayBuffer>) => void) | null;
  postMessage(message: Uint8Array, transfer: Transferable[]): void;
}

const end = self as unknown as WorkerEnd;
let pack: ServedPack | undefined;
end.onmessage = async ({ data }) => {
  if (data instanceof SharedArrayBuffer) {
    const stop = new Int32Array(data);
    pack = new ServedPack(() => {
      if (Atomics.load(stop, 0) === 0) return;
      throw new DenizenError("pack_timeout", "Cannot continue the call as the pack was stopped");
    });
    return;
  }
  const reply = await pack!.answer(data);
  end.postMessage(reply, [reply.buffer]);
};
