/** Runs in a worker: answers the requests of `worker_line.ts`, behind a first message that brings the flag it is stopped with. */
import { DenizenError } from "../../errors.ts";
import { ServedPack } from "./served_pack.ts";

/** The worker's own end, which the types of a program's main thread do not have. */
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
      throw new DenizenError("pack_timeout", "Cannot go on as the pack was stopped");
    });
    return;
  }
  const reply = await pack!.answer(data);
  end.postMessage(reply, [reply.buffer]);
};
