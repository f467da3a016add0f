/**
 * A worker that holds one WebAssembly pack. Deno ends a worker only when its code returns. Code that does not
 * return is stopped by a flag that its loops check (`../sandbox/loop_guard.ts`).
 */
import { DenizenError } from "../../errors.ts";
import type { Channel } from "./remote_engine.ts";

/** The worker's program. */
export const WORKER_MODULE: URL = new URL("./wasm_worker.ts", import.meta.url);

export function openWorkerChannel(module: URL): Channel {
  const worker = new Worker(module, { type: "module" });
  const stop = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT));
  worker.postMessage(stop.buffer);
  let waiting: PromiseWithResolvers<Uint8Array> | undefined;
  worker.onmessage = ({ data }: MessageEvent<Uint8Array>) => waiting?.resolve(data);
  worker.onerror = (event) => {
    event.preventDefault();
    const text = `Cannot finish the call as the pack ended its worker: ${event.message}`;
    waiting?.reject(new DenizenError("pack_crashed", text));
  };
  return {
    exchange(request) {
      waiting = Promise.withResolvers();
      worker.postMessage(request, [request.buffer]);
      return waiting.promise;
    },
    kill() {
      Atomics.store(stop, 0, 1);
      worker.terminate();
      return Promise.resolve();
    },
  };
}
