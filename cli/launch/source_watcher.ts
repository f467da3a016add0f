/** Watches the sources of apps, except generated, stored and hidden files. */
import * as path from "node:path";

/**
 * Editors write a file in several steps, and tools write many files: a change is complete when nothing has
 * happened for this long.
 */
const QUIET_MS = 60;

const SOURCE = /\.[cm]?[jt]sx?$|\.json$|^deno\.jsonc$/;
const SKIPPED = new Set(["generated", "node_modules"]);

export class SourceWatcher implements Disposable {
  readonly #watcher: Deno.FsWatcher;
  readonly #roots: readonly string[];
  readonly #data: string;
  readonly #changed = new Set<string>();
  #next = Promise.withResolvers<readonly string[]>();
  #quiet: ReturnType<typeof setTimeout> | undefined;

  /** @param data the data folder, absolute; it may be inside a root. */
  constructor(roots: readonly string[], data: string) {
    this.#roots = [...new Set(roots.map((root) => Deno.realPathSync(root)))];
    this.#data = path.join(Deno.realPathSync(existing(path.dirname(data))), path.basename(data));
    this.#watcher = Deno.watchFs([...this.#roots], { recursive: true });
    this.#watch();
  }

  /** The files of the next change. The same promise is returned until {@link take} is called. */
  get next(): Promise<readonly string[]> {
    return this.#next.promise;
  }

  /** Marks the change as handled; {@link next} waits for another one. */
  take(): void {
    this.#next = Promise.withResolvers();
  }

  [Symbol.dispose](): void {
    clearTimeout(this.#quiet);
    this.#watcher.close();
  }

  async #watch(): Promise<void> {
    for await (const { kind, paths, flag } of this.#watcher) {
      if (kind === "access") continue;
      // The system drops events when there are too many: then any file may have changed.
      const sources = flag === "rescan" ? paths : paths.filter((file) => this.#isSource(file));
      if (sources.length === 0) continue;
      for (const file of sources) this.#changed.add(file);
      clearTimeout(this.#quiet);
      this.#quiet = setTimeout(() => this.#report(), QUIET_MS);
    }
  }

  #report(): void {
    const files = [...this.#changed].sort();
    this.#changed.clear();
    this.#next.resolve(files);
  }

  #isSource(file: string): boolean {
    const root = this.#roots.find((root) => isInside(file, root));
    if (root === undefined || isInside(file, this.#data)) return false;
    const parts = path.relative(root, file).split(path.sep);
    if (parts.some((part) => SKIPPED.has(part) || part.startsWith("."))) return false;
    const name = parts.at(-1)!;
    return SOURCE.test(name) && !/_test\.\w+$/.test(name);
  }
}

/** The folder, or the nearest one above it that exists. */
function existing(folder: string): string {
  for (let at = folder;; at = path.dirname(at)) {
    try {
      if (Deno.statSync(at).isDirectory) return at;
    } catch {
      if (path.dirname(at) === at) return at;
    }
  }
}

function isInside(file: string, folder: string): boolean {
  const relative = path.relative(folder, file);
  return relative !== ".." && !relative.startsWith(`..${path.sep}`) && !path.isAbsolute(relative);
}
