/**
 * The disk as a node sees it (G11): the files of its data folder, their lock, and what is replaced as a
 * whole. The database in that folder is not reached through it: that one stays behind `Storage`.
 *
 * It is the part of Deno's own API that the data folder needs, and a missing file is `Deno.errors.NotFound`
 * on every disk.
 */
export interface Disk {
  open(path: string, options: DiskOpenOptions): Promise<DiskFile>;
  /** Makes a folder and those above it; one that is there already is left as it is. */
  mkdir(path: string, options: { readonly recursive: true; readonly mode: number }): Promise<void>;
  readTextFile(path: string): Promise<string>;
  /** Gives a file another name, in the place of one that has it. Durable once the folder is synced. */
  rename(from: string, to: string): Promise<void>;
  remove(path: string): Promise<void>;
}

export interface DiskOpenOptions {
  readonly read?: boolean;
  readonly write?: boolean;
  /** Makes the file if there is none, with `mode`. */
  readonly create?: boolean;
  /** As `create`, and fails with `Deno.errors.AlreadyExists` if there is one. */
  readonly createNew?: boolean;
  readonly mode?: number;
}

/** An open file, or a folder that was opened for reading so that it can be synced. */
export interface DiskFile extends Disposable {
  /** Returns how many bytes it wrote, at least one. */
  write(bytes: Uint8Array): Promise<number>;
  /** Makes what was written durable; of a folder, what was made, renamed and removed in it. */
  sync(): Promise<void>;
  /**
   * Takes the lock of the file, which ends when the file is closed or the program ends. Shared locks exclude
   * exclusive ones only. Returns whether it was taken.
   */
  tryLock(exclusive: boolean): Promise<boolean>;
  close(): void;
}
