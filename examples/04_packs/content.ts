/**
 * The bytes of one upload, compressed, under their hash. Each upload is a process of its own, so that a
 * state stays as small as one file and leaves memory when it is not requested.
 */
import { http, local, process, type u32 } from "@denizen/macro";
import { type Context, Refusal } from "@denizen/runtime";
import { unzstd, zstd } from "./generated/compress_pack.ts";

@process({ name: "Content", keyed: true, passivateAfter: 60 })
export class Content {
  /** Empty if nothing is stored; an empty file is not empty once compressed. */
  compressed: Uint8Array = new Uint8Array();

  /** Returns how many bytes it takes on disk, once they are durable. */
  @local
  async keep(bytes: Uint8Array, ctx: Context): Promise<u32> {
    const { output } = await (await ctx.packs.actor(zstd)).run({ input: bytes });
    this.compressed = output;
    return output.length;
  }

  @local
  forget(): void {
    this.compressed = new Uint8Array();
  }

  /** Never served with the type that it claims: an uploaded page must not run here. */
  @http({ method: "GET", path: "/bytes" })
  async download(ctx: Context): Promise<Response> {
    if (this.compressed.length === 0) {
      throw new Refusal(`Cannot find the file as it was deleted or never was: ${ctx.key}`, { status: 404 });
    }
    const { output } = await (await ctx.packs.actor(unzstd)).run({ input: this.compressed });
    return new Response(output, {
      headers: {
        "content-type": "application/octet-stream",
        "content-disposition": "attachment",
        "x-content-type-options": "nosniff",
      },
    });
  }
}
