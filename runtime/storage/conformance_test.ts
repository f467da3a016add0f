import { join } from "node:path";
import { DenokvServer, MISSING_DENOKV } from "../../tests/denokv_server.ts";
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

const servers = new Map<string, DenokvServer>();

storageConformance({
  name: MISSING_DENOKV ? `Deno KV server (skipped: ${MISSING_DENOKV})` : "Deno KV server",
  ignore: MISSING_DENOKV !== undefined,
  concurrency: 12,
  async open() {
    const server = await DenokvServer.start();
    servers.set(server.url, server);
    return await openDenoKv(server.url);
  },
  async remove({ name }) {
    await servers.get(name)?.[Symbol.asyncDispose]();
    servers.delete(name);
  },
  async reopen(storage) {
    await storage[Symbol.asyncDispose]();
    return await openDenoKv(storage.name);
  },
});

storageConformance({
  name: "faulty without a fault",
  open: () => Promise.resolve(new FaultyStorage(memoryStorage())),
});
