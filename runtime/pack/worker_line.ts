/** A worker that holds one WebAssembly pack. Only a worker can be stopped in an endless loop. */
import { DenizenError } from "../errors.ts";
import type { Line } from "./remote_engine.ts";

/** The program of such a worker. */
export const WORKER_MODULE: URL = new URL("./wasm_worker.ts", import.meta.url);

export function openWorkerLine(module: URL): Line {
  const worker = new Worker(module, { type: "module" });
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
    cut() {
      worker.terminate();
      return Promise.resolve();
    },
  };
}
