/**
 * Loads a pack from its path: reads and checks its files, chooses where it runs, opens it and compares it
 * with its manifest.
 */
import { openNative, type PackDescription, type PackManifest, WASM_TARGET } from "@denizen/pack-sdk";
import type { Clock } from "../world/clock.ts";
import { DenizenError } from "../errors.ts";
import { PACK_CALL_MS_DEFAULT, PACK_MEMORY_BYTES_DEFAULT } from "../limits.ts";
import type { Log } from "../log.ts";
import { type CarrierChoice, type ChosenPack, type LoaderRights, openAndChoose } from "./carrier_choice.ts";
import { ChildChannel, type ChildCommand } from "./engine/child_channel.ts";
import type { Engine, OpenEngine } from "./engine/engine.ts";
import { EngineSupervisor } from "./engine/engine_supervisor.ts";
import { loadError } from "./engine/fault.ts";
import type { LibraryCache, PlacedLibrary } from "./engine/library_cache.ts";
import { libraryHeader, whyNotHere } from "./bundle/library_header.ts";
import { LoadedPack } from "./loaded_pack.ts";
import { LocalEngine } from "./engine/local_engine.ts";
import { capMemory } from "./sandbox/memory_cap.ts";
import { compileModule, openModule } from "./engine/open_module.ts";
import type { PackFile, PackFiles } from "./bundle/pack_files.ts";
import type { PackRequest } from "./bundle/pack_settings.ts";
import { RemoteEngine } from "./engine/remote_engine.ts";
import { openWorkerChannel } from "./engine/worker_channel.ts";

interface PackLoaderOptions {
  readonly clock: Clock;
  readonly log: Log;
  readonly cache: LibraryCache;
  /**
   * The command of `engine/native_child.ts`, which serves an isolated library. Without it no pack is
   * isolated.
   */
  readonly childCommand: (() => ChildCommand) | undefined;
  /** The program of workers: `engine/wasm_worker.ts`. */
  readonly workerModule: URL;
}

/** Opens the engines of one pack. */
interface Opener {
  readonly open: OpenEngine;
  /** Opens an engine for templates that block, if they need another one. */
  readonly openBlocking?: OpenEngine;
  readonly held?: AsyncDisposable;
}

export class PackLoader {
  readonly #options: PackLoaderOptions;

  constructor(options: PackLoaderOptions) {
    this.#options = options;
  }

  /** @throws {DenizenError} what is wrong with the pack; nothing of it stays loaded then. */
  async load(request: PackRequest): Promise<LoadedPack> {
    const chosen = await openAndChoose(request, await this.#rights());
    const { files, name, choice } = chosen;
    const file = await this.#file(files, choice);
    let opener: Opener | undefined;
    let engine: Engine | undefined;
    try {
      opener = await this.#opener(choice, request, file);
      engine = await opener.open();
      checkAgainstManifest(files.manifest, engine.description);
    } catch (thrown) {
      await engine?.close();
      await opener?.held?.[Symbol.asyncDispose]();
      throw loadError(thrown, name);
    }
    return this.#assembled(request, chosen, { file, opener, engine });
  }

  #assembled(
    request: PackRequest,
    { files, name, trusted, choice }: ChosenPack,
    { file, opener, engine }: { file: PackFile; opener: Opener; engine: Engine },
  ): LoadedPack {
    const { clock, log } = this.#options;
    const { description } = engine;
    const named = files.manifest?.name ?? (description.name || name);
    const keeping = { pack: named, clock, log };
    const blocks = opener.openBlocking && description.templates.some(({ blocking }) => blocking);
    const stoppable = choice.isolation === "worker" || choice.isolation === "isolated";
    const limit = request.timeLimitMs ?? PACK_CALL_MS_DEFAULT;
    return new LoadedPack({
      name: named,
      version: files.manifest?.version ?? (description.version || "0.0.0"),
      sha256: file.sha256,
      request,
      choice,
      trusted,
      signedBy: files.signedBy,
      description,
      supervisor: new EngineSupervisor(opener.open, keeping, engine),
      blocking: blocks ? new EngineSupervisor(opener.openBlocking!, keeping) : undefined,
      timeLimitMs: stoppable ? limit : undefined,
      blockingTimeLimitMs: limit,
      held: opener.held,
      clock,
    });
  }

  async #rights(): Promise<LoaderRights> {
    const { childCommand } = this.#options;
    return {
      // Pointers and callbacks need the permission for every path.
      ffi: await granted({ name: "ffi" }),
      run: childCommand !== undefined && await granted({ name: "run", command: childCommand()[0] }),
    };
  }

  async #file(files: PackFiles, { isolation }: CarrierChoice): Promise<PackFile> {
    if (isolation === "wasm" || isolation === "worker") return await files.read(WASM_TARGET);
    const target = files.targets.get(Deno.build.target)!;
    const file = target.sha256 === undefined || files.kind !== "bundle"
      ? await files.read(Deno.build.target)
      : {
        sha256: target.sha256,
        bytes: await this.#options.cache.get(
          target.sha256,
          async () => (await files.read(Deno.build.target)).bytes,
        ),
      };
    const header = libraryHeader(file.bytes);
    if (!header) {
      throw new DenizenError(
        "pack_unreadable",
        `Cannot load the pack as its file is not a library: ${target.file}`,
      );
    }
    const reason = whyNotHere(header);
    if (reason) throw new DenizenError("pack_incompatible", `Cannot load the pack as ${reason}`);
    return file;
  }

  async #opener({ isolation }: CarrierChoice, request: PackRequest, { bytes }: PackFile): Promise<Opener> {
    const { cache } = this.#options;
    if (isolation === "native") return { open: () => openOnce(cache.place(bytes)) };
    if (isolation === "isolated") {
      const held = await cache.place(bytes);
      return { open: () => this.#openChild(held.path), held };
    }
    const module = capMemory(bytes, request.memoryBytesMax ?? PACK_MEMORY_BYTES_DEFAULT);
    const openWorker = () =>
      RemoteEngine.open(
        openWorkerChannel(this.#options.workerModule),
        { carrier: "wasm", module },
        this.#options.clock,
      );
    if (isolation === "worker") return { open: openWorker };
    const compiled = await compileModule(module);
    const wait = (ms: number) => new Promise<void>((resolve) => void this.#options.clock.after(ms, resolve));
    return {
      open: () => Promise.resolve().then(() => new LocalEngine(openModule(compiled, { wait }))),
      openBlocking: openWorker,
    };
  }

  #openChild(path: string): Promise<Engine> {
    const line = new ChildChannel(this.#options.childCommand!());
    return RemoteEngine.open(line, { carrier: "native", path }, this.#options.clock);
  }
}

async function openOnce(placing: Promise<PlacedLibrary>): Promise<Engine> {
  await using placed = await placing;
  return new LocalEngine(openNative(placed.path));
}

async function granted(permission: Deno.PermissionDescriptor): Promise<boolean> {
  return (await Deno.permissions.query(permission)).state === "granted";
}

/**
 * A pack must register exactly the templates of its manifest, which is what people look at before they load
 * it.
 */
function checkAgainstManifest(manifest: PackManifest | undefined, description: PackDescription): void {
  if (manifest?.format !== "denizen") return;
  const registered = description.templates.map(({ name }) => name).sort();
  const promised = [...manifest.templates].sort();
  if (registered.join("\n") !== promised.join("\n")) {
    throw new DenizenError(
      "pack_invalid",
      `Cannot load the pack ${manifest.name} as it has other templates than its manifest says: ${
        registered.join(", ")
      }`,
    );
  }
  if (description.name === manifest.name && description.version === manifest.version) return;
  throw new DenizenError(
    "pack_invalid",
    `Cannot load the pack ${manifest.name} ${manifest.version} as it describes itself as another: ${description.name} ${description.version}`,
  );
}
