/**
 * The static files of one process's `ui` folder. Nothing outside the folder is served, through any path or
 * link.
 */
import { getMimeType } from "hono/utils/mime";
import * as path from "node:path";

const INDEX = "index.html";

interface FoundFile {
  readonly file: string;
  readonly info: Deno.FileInfo;
}

export class UiFiles {
  readonly #folder: string;
  #real: Promise<string> | undefined;

  /** `folder` is absolute, and exists. */
  constructor(folder: string) {
    this.#folder = folder;
  }

  /**
   * Answers `GET` and `HEAD`, or returns `undefined` if there is no file. A folder is served as its
   * `index.html`, at its name with a trailing `/`, so that relative links work; without the `/` the client is
   * redirected there.
   */
  async answer(request: Request, urlPath: string): Promise<Response | undefined> {
    const found = await this.find(urlPath);
    if (!found) return undefined;
    const { info } = found;
    if (info.isDirectory) return redirectInto(urlPath, request.url);
    const headers = new Headers({
      "content-type": getMimeType(found.file) ?? "application/octet-stream",
      "content-length": String(info.size),
      "cache-control": "no-cache",
      "x-content-type-options": "nosniff",
      etag: `W/"${info.size.toString(36)}-${(info.mtime?.getTime() ?? 0).toString(36)}"`,
    });
    if (info.mtime) headers.set("last-modified", info.mtime.toUTCString());
    if (isKnown(request.headers, headers)) {
      headers.delete("content-length");
      return new Response(null, { status: 304, headers });
    }
    if (request.method === "HEAD") return new Response(null, { headers });
    return new Response((await Deno.open(found.file)).readable, { headers });
  }

  /** The file at a path, or the folder if only the trailing `/` is missing. */
  async find(urlPath: string): Promise<FoundFile | undefined> {
    const name = fileName(urlPath);
    if (name === undefined) return undefined;
    const inside = await this.#stat(name);
    if (!inside?.info.isDirectory) return name.endsWith("/") ? undefined : inside;
    const index = await this.#stat(path.join(name, INDEX));
    if (!index?.info.isFile) return undefined;
    return name.endsWith("/") ? index : inside;
  }

  async #stat(name: string): Promise<FoundFile | undefined> {
    try {
      const root = await (this.#real ??= Deno.realPath(this.#folder));
      const file = await Deno.realPath(path.join(root, name));
      if (file !== root && !file.startsWith(root + path.sep)) return undefined;
      const info = await Deno.stat(file);
      return info.isFile || info.isDirectory ? { file, info } : undefined;
    } catch (error) {
      if (isMissing(error)) return undefined;
      throw error;
    }
  }
}

function redirectInto(folder: string, url: string): Response {
  const name = encodeURIComponent(path.posix.basename(folder));
  const query = url.indexOf("?");
  const location = `./${name}/${query === -1 ? "" : url.slice(query)}`;
  return new Response(null, { status: 308, headers: { location } });
}

/** The path of a file below the folder, or `undefined` for an invalid name; hidden files are not served. */
function fileName(urlPath: string): string | undefined {
  if (/%2f|%5c/i.test(urlPath)) return undefined;
  let name: string;
  try {
    name = decodeURIComponent(urlPath);
  } catch {
    return undefined;
  }
  const odd = /\/\.|\/\/|[\\\0]/.test(name);
  return odd ? undefined : name;
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && "code" in error &&
    ["ENOENT", "ENOTDIR", "ELOOP", "ENAMETOOLONG"].includes(error.code as string);
}

/** Whether the client has the current file. */
function isKnown(request: Headers, file: Headers): boolean {
  const tags = request.get("if-none-match");
  if (tags !== null) {
    return tags.split(",").map((tag) => tag.trim()).some((tag) => tag === "*" || tag === file.get("etag"));
  }
  const since = Date.parse(request.get("if-modified-since") ?? "");
  return Date.parse(file.get("last-modified") ?? "") <= since;
}
