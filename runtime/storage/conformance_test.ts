import { join } from "node:path";
import { FaultyStorage } from "../testing/faulty_storage.ts";
import { storageConformance } from "../testing/storage_conformance.ts";
import { openDenoKv } from "./kv/deno_kv.ts";
import { memoryStorage } from "./memory.ts";

const folder = Deno.makeTempDirSync();
globalThis.addEventListener("unload", () => Deno.removeSync(folder, { recursive: true }));
let opened = 0;

storageConformance({ name: "memory", open: () => Promise.resolve(memoryStorage()) });

storageConformance({
  name: "Deno KV",
  open: () => openDenoKv(join(folder, `${++opened}.kv`)),
  async reopen(storage) {
    await storage[Symbol.asyncDispose]();
    return await openDenoKv(storage.name);
  },
});

storageConformance({
  name: "faulty without a fault",
  open: () => Promise.resolve(new FaultyStorage(memoryStorage())),
});
