/**
 * The uploads, for everyone who has the page open: names, sizes, and which texts are nearly the same. Files
 * with the same bytes are one upload; `content.ts` keeps the bytes.
 */
import { type f32, http, type Option, process, type u32, Ws, ws } from "@denizen/macro";
import { type Context, Refusal, unwrap, type WsEvent } from "@denizen/runtime";
import * as content from "./generated/content.ts";
import { blake3 } from "./generated/hash_pack.ts";
import { excerptOf, nearestOf, textOf, vectorOf } from "./near_texts.ts";

const FILE_BYTES_MAX = 4_000_000;
const NAME_CHARACTERS_MAX = 200;
const NAMES_MAX = 20;
const UPLOADS_MAX = 500;

export interface Upload {
  /** BLAKE3 of its bytes, in hex. */
  readonly hash: string;
  /** The names of the files with these bytes, the first name first. */
  readonly names: string[];
  readonly bytes: u32;
  /** Compressed. */
  readonly storedBytes: u32;
  readonly at: Date;
  /** The beginning of the text, if it is one. */
  readonly excerpt: Option<string>;
  /** Earlier uploads with nearly the same text, nearest first. A deleted one stays listed. */
  readonly near: { readonly hash: string; readonly similarity: f32 }[];
}

/** What an open page receives: everything when it connects, then each change. */
export type Update =
  | { uploads: Upload[]; fileBytesMax: number }
  | { changed: Upload }
  | { removed: string };

@process({ name: "Uploads", ui: "ui", endpoints: [Ws("/ws")] })
export class Uploads {
  /** By hash. */
  uploads: Map<string, Upload> = new Map();
  /** Of those that are texts. */
  vectors: Map<string, Float32Array> = new Map();

  @http({ method: "GET", path: "/files" })
  list(): Upload[] {
    return [...this.uploads.values()];
  }

  /** The body is the file. Replies 201 for new bytes, 200 for bytes that are already stored. */
  @http({ method: "POST", path: "/files/:name" })
  async upload(name: string, file: Uint8Array, ctx: Context): Promise<Upload> {
    checkName(name);
    checkSize(file);
    const { hex } = await (await ctx.packs.actor(blake3)).run({ input: file });
    const known = this.uploads.get(hex);
    const upload = known ? withName(known, name) : await this.#store(hex, name, file, ctx);
    if (!known) ctx.http!.status = 201;
    this.uploads.set(hex, upload);
    if (upload !== known) ctx.ws.broadcast({ changed: upload } satisfies Update);
    return upload;
  }

  /** The entry goes first: bytes without an entry do no harm, an entry without bytes would. */
  @http({ method: "DELETE", path: "/files/:hash" })
  async remove(hash: string, ctx: Context): Promise<void> {
    if (!this.uploads.delete(hash)) {
      throw new Refusal(`Cannot delete the file as it is not here: ${hash}`, { status: 404 });
    }
    this.vectors.delete(hash);
    ctx.ws.broadcast({ removed: hash } satisfies Update);
    await ctx.save();
    unwrap(await content.localRpc(ctx, hash).forget());
  }

  @ws
  socket(channel: u32, event: WsEvent, ctx: Context): void {
    if (event.type !== "open") return;
    ctx.ws.send(channel, { uploads: this.list(), fileBytesMax: FILE_BYTES_MAX } satisfies Update);
  }

  async #store(hash: string, name: string, file: Uint8Array, ctx: Context): Promise<Upload> {
    if (this.uploads.size >= UPLOADS_MAX) {
      throw new Refusal(`Cannot keep another file as there are ${UPLOADS_MAX}: delete one`);
    }
    const storedBytes = unwrap(await content.localRpc(ctx, hash).keep(file));
    const upload = { hash, names: [name], bytes: file.length, storedBytes, at: new Date(ctx.now()) };
    const text = textOf(file);
    if (text === undefined) return { ...upload, excerpt: null, near: [] };
    const vector = await vectorOf(text, ctx);
    const near = await nearestOf(vector, this.vectors, ctx);
    this.vectors.set(hash, vector);
    return { ...upload, excerpt: await excerptOf(text, ctx), near };
  }
}

function checkName(name: string): void {
  if (name.trim() !== "" && name.length <= NAME_CHARACTERS_MAX) return;
  throw new Refusal(`Cannot keep the file as its name has not 1 to ${NAME_CHARACTERS_MAX} characters`);
}

function checkSize({ length }: Uint8Array): void {
  if (length <= FILE_BYTES_MAX) return;
  throw new Refusal(`Cannot keep the file as it has more than ${FILE_BYTES_MAX} bytes: ${length}`, {
    status: 413,
  });
}

function withName(upload: Upload, name: string): Upload {
  if (upload.names.includes(name) || upload.names.length >= NAMES_MAX) return upload;
  return { ...upload, names: [...upload.names, name] };
}
