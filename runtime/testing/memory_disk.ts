/**
 * A disk in memory (G11). A simulated power failure loses everything that was not synced, and changes fail
 * when a test asks for it.
 */
import { dirname } from "node:path";
import type { Disk, DiskFile, DiskOpenOptions } from "../world/disk.ts";

/** The content of a file, whatever names it has. */
class Inode {
  bytes: Uint8Array = new Uint8Array();
  /** What a power failure leaves of it. */
  durable: Uint8Array = new Uint8Array();
  readonly locks: { readonly exclusive: boolean }[] = [];

  constructor(readonly mode: number) {}
}

/**
 * What a crash leaves is the least that a file system promises: the content of a file as it was when it was
 * synced last, and names as they were when their folder was synced last. Locks end with the crash.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { MemoryDisk } from "@denizen/runtime/testing";
 *
 * const disk = new MemoryDisk();
 * await disk.mkdir("/data", { recursive: true, mode: 0o700 });
 * using file = await disk.open("/data/a", { write: true, create: true });
 * await file.write(new Uint8Array([1]));
 * disk.crash();
 * await assert.rejects(disk.readTextFile("/data/a"));
 * ```
 */
export class MemoryDisk implements Disk {
  readonly #folders = new Set<string>(["/"]);
  #names = new Map<string, Inode>();
  /** Names that a power failure leaves. */
  readonly #durableNames = new Map<string, Inode>();
  #faults: { count: number; error: Error } | undefined;
  /** Operations that change something, since it was made. */
  changes = 0;
  /** The change after which the power fails, counted from 1. */
  crashAfter = Infinity;
  #generation = 0;

  /** The next `count` operations that change something fail. */
  failChanges(count: number, error: Error): void {
    this.#faults = { count, error };
  }

  /** Loses what was not synced. Files that are open fail from now on, and their locks end. */
  crash(): void {
    this.#generation++;
    this.crashAfter = Infinity;
    this.#names = new Map(this.#durableNames);
    for (const inode of this.#names.values()) {
      inode.bytes = inode.durable;
      inode.locks.length = 0;
    }
  }

  /** The names in a folder, sorted. */
  list(folder: string): string[] {
    return [...this.#names.keys()].filter((path) => dirname(path) === folder).sort();
  }

  async open(path: string, { create, createNew, mode = 0o666 }: DiskOpenOptions): Promise<DiskFile> {
    await Promise.resolve();
    if (this.#folders.has(path)) return new OpenFolder(() => this.#syncFolder(path));
    let inode = this.#names.get(path);
    if (inode && createNew) throw new Deno.errors.AlreadyExists(`there is a file: ${path}`);
    if (!inode) {
      if (!create && !createNew) throw missing(path);
      if (!this.#folders.has(dirname(path))) throw missing(dirname(path));
      inode = new Inode(mode);
      this.#change(() => this.#names.set(path, inode!));
    }
    return new OpenFile(inode, this.#guard());
  }

  async mkdir(path: string, _options?: { readonly recursive: true; readonly mode: number }): Promise<void> {
    await Promise.resolve();
    for (let folder = path; !this.#folders.has(folder); folder = dirname(folder)) this.#folders.add(folder);
  }

  async readTextFile(path: string): Promise<string> {
    await Promise.resolve();
    const inode = this.#names.get(path);
    if (!inode) throw missing(path);
    return new TextDecoder().decode(inode.bytes);
  }

  async rename(from: string, to: string): Promise<void> {
    await Promise.resolve();
    const inode = this.#names.get(from);
    if (!inode) throw missing(from);
    this.#change(() => {
      this.#names.delete(from);
      this.#names.set(to, inode);
    });
  }

  async remove(path: string): Promise<void> {
    await Promise.resolve();
    if (!this.#names.has(path)) throw missing(path);
    this.#change(() => this.#names.delete(path));
  }

  #syncFolder(folder: string): void {
    this.#change(() => {
      for (const path of this.#durableNames.keys()) {
        if (dirname(path) === folder) this.#durableNames.delete(path);
      }
      for (const [path, inode] of this.#names) {
        if (dirname(path) === folder) this.#durableNames.set(path, inode);
      }
    });
  }

  /** Makes changes; a file that was opened before a crash can make none. */
  #guard(): (change: () => void) => void {
    const generation = this.#generation;
    return (change) => {
      if (generation !== this.#generation) throw new Deno.errors.BadResource("the power has failed");
      this.#change(change);
    };
  }

  #change(change: () => void): void {
    if (this.#faults && this.#faults.count-- > 0) throw this.#faults.error;
    change();
    if (++this.changes !== this.crashAfter) return;
    this.crash();
    throw new Deno.errors.Interrupted("the power has failed");
  }
}

class OpenFile implements DiskFile {
  readonly #inode: Inode;
  readonly #change: (change: () => void) => void;
  #position = 0;
  #lock: { readonly exclusive: boolean } | undefined;

  constructor(inode: Inode, change: (change: () => void) => void) {
    this.#inode = inode;
    this.#change = change;
  }

  /** Writes only a part of the bytes, as an operating system may. */
  async write(bytes: Uint8Array): Promise<number> {
    await Promise.resolve();
    const part = bytes.subarray(0, Math.max(1, Math.ceil(bytes.length / 2)));
    const { bytes: before } = this.#inode;
    const after = new Uint8Array(Math.max(before.length, this.#position + part.length));
    after.set(before);
    after.set(part, this.#position);
    this.#change(() => this.#inode.bytes = after);
    this.#position += part.length;
    return part.length;
  }

  async sync(): Promise<void> {
    await Promise.resolve();
    this.#change(() => this.#inode.durable = this.#inode.bytes);
  }

  async tryLock(exclusive: boolean): Promise<boolean> {
    await Promise.resolve();
    const { locks } = this.#inode;
    if (locks.some((other) => other !== this.#lock && (exclusive || other.exclusive))) return false;
    this.#unlock();
    locks.push(this.#lock = { exclusive });
    return true;
  }

  close(): void {
    this.#unlock();
  }

  [Symbol.dispose](): void {
    this.close();
  }

  #unlock(): void {
    const at = this.#inode.locks.indexOf(this.#lock!);
    if (at !== -1) this.#inode.locks.splice(at, 1);
    this.#lock = undefined;
  }
}

class OpenFolder implements DiskFile {
  readonly #sync: () => void;

  constructor(sync: () => void) {
    this.#sync = sync;
  }

  write(): Promise<number> {
    return Promise.reject(new Deno.errors.IsADirectory("a folder cannot be written"));
  }

  tryLock(): Promise<boolean> {
    return Promise.reject(new Deno.errors.IsADirectory("a folder is not locked here"));
  }

  async sync(): Promise<void> {
    await Promise.resolve();
    this.#sync();
  }

  close(): void {}

  [Symbol.dispose](): void {}
}

function missing(path: string): Error {
  return new Deno.errors.NotFound(`no such file or folder: ${path}`);
}
