/** Runs in a worker: answers the requests of `worker_line.ts`. */
import { ServedPack } from "./served_pack.ts";

/** The worker's own end, which the types of a program's main thread do not have. */
interface WorkerEnd {
  onmessage: ((event: MessageEvent<Uint8Array>) => void) | null;
  postMessage(message: Uint8Array, transfer: Transferable[]): void;
}

const end = self as unknown as WorkerEnd;
const pack = new ServedPack();
end.onmessage = async ({ data }) => {
  const reply = await pack.answer(data);
  end.postMessage(reply, [reply.buffer]);
};
