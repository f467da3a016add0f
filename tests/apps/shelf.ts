/** Handlers with paths of their own. */
import { Http, http, type Option, process, type u32, type u64, type u8 } from "@denizen/macro";
import { type Context, Refusal } from "@denizen/runtime";

export interface Book {
  title: string;
  pages: u32;
  printed?: Date;
}

export interface Query {
  minPages: u32;
  since?: Date;
  tags?: string[];
  sizes?: u8[];
  limit?: u8;
  exact?: boolean;
  serial?: u64;
  author: Option<string>;
}

@process({ name: "Shelf", keyed: true, endpoints: [Http("/api")] })
export class Shelf {
  books: Map<string, Book> = new Map();

  @http({ path: "/books" })
  titles(): string[] {
    return [...this.books.keys()];
  }

  @http({ method: "POST", path: "/books" })
  add(book: Book, ctx: Context): u32 {
    this.books.set(book.title, book);
    ctx.http!.status = 201;
    ctx.http!.replyHeaders.set("location", `books/${encodeURIComponent(book.title)}`);
    return this.books.size;
  }

  @http({ path: "/books/:title" })
  book(title: string): Book {
    const book = this.books.get(title);
    if (!book) throw new Refusal(`Cannot find the book as there is none: ${title}`, { status: 404 });
    return book;
  }

  @http({ method: "PUT", path: "/books/:title" })
  put(title: string, pages: u32, printed?: Date): void {
    this.books.set(title, { title, pages, printed });
  }

  @http({ method: "DELETE", path: "/books/:title" })
  drop(title: string, really?: boolean): boolean {
    return really === true && this.books.delete(title);
  }

  @http({ path: "/pages/:number" })
  page(number: u32): u32 {
    return number;
  }

  @http({ path: "/search" })
  search(
    minPages: u32,
    author: Option<string>,
    since?: Date,
    tags?: string[],
    sizes?: u8[],
    limit?: u8,
    exact?: boolean,
    serial?: u64,
  ): Query {
    return { minPages, since, tags, sizes, limit, exact, serial, author };
  }

  @http({ path: "/files/*" })
  file(ctx: Context): string {
    return ctx.http!.url.pathname;
  }

  @http({ path: "/straße" })
  street(): string {
    return "here";
  }

  @http({ method: "POST", path: "/touch" })
  touch(note?: string, times?: u8): string {
    return `${note} ${times}`;
  }

  @http({ method: "POST", path: "/scan" })
  scan(image: Uint8Array): u8[] {
    return [...image];
  }

  @http({ path: "/export" })
  export(ctx: Context): Response {
    ctx.http!.replyHeaders.set("x-decided", "yes");
    return new Response("title;pages\n", { status: 203, headers: { "content-type": "text/csv" } });
  }

  @http({ path: "/stream" })
  stream(ctx: Context): ReadableStream<Uint8Array> {
    ctx.http!.replyHeaders.set("content-type", "text/plain");
    return ReadableStream.from(["one ", "two"]).pipeThrough(new TextEncoderStream());
  }

  /** A count of its state with each chunk that is asked for. */
  @http({ path: "/counts" })
  counts(): ReadableStream<Uint8Array> {
    return new ReadableStream({
      pull: (controller) => controller.enqueue(new TextEncoder().encode(`${this.books.size} `)),
    }, { highWaterMark: 0 });
  }

  /** Never ends. */
  @http({ path: "/drip" })
  drip(): ReadableStream<Uint8Array> {
    return new ReadableStream({
      start: (controller) => controller.enqueue(new TextEncoder().encode("drop ")),
    });
  }

  @http({ method: "HEAD", path: "/probe" })
  probe(ctx: Context): void {
    ctx.http!.replyHeaders.set("x-probed", "yes");
  }

  @http({ method: "POST", path: "/silence" })
  silence(ctx: Context): void {
    ctx.http!.status = 204;
  }
}
