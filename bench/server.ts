/** A measured HTTP server in a process of its own, ours or a peer's: it prints its URL as its first line. */
import { Child } from "./child.ts";
import { DATA_ROOT } from "./folder.ts";

export interface Server {
  readonly url: string;
  readonly child: Child;
}

/** The permissions of a node: the network on loopback, and writing to its data folders. */
const PERMISSIONS = [
  "--unstable-kv",
  "--allow-net=127.0.0.1",
  "--allow-read",
  `--allow-write=${DATA_ROOT}`,
  "--allow-env",
  "--allow-sys",
];

/** Starts a Deno program of this folder in a fresh process. */
export function denoChild(
  name: string,
  file: string,
  args: readonly string[] = [],
  flags: readonly string[] = [],
): Child {
  const path = new URL(file, import.meta.url).pathname;
  return new Child(name, Deno.execPath(), [
    "run",
    "--no-check",
    "--quiet",
    ...PERMISSIONS,
    ...flags,
    path,
    ...args,
  ]);
}

/** Waits for the line with the URL. A child that cannot start is stopped, and its error is passed on. */
export async function serverOf(child: Child): Promise<Server> {
  try {
    const url = await child.line();
    if (!/^http:\/\/127\.0\.0\.1:\d+$/.test(url)) {
      throw new Error(`Cannot use ${child.name} as it printed: ${url}`);
    }
    return { url, child };
  } catch (error) {
    await child.stop();
    throw error;
  }
}

/** Runs `use` against a fresh server and always stops it afterwards. */
export async function withServer<T>(
  start: () => Promise<Server>,
  use: (server: Server) => Promise<T>,
): Promise<T> {
  const server = await start();
  try {
    return await use(server);
  } finally {
    await server.child.stop();
  }
}

/** Runs a Deno program of this folder in a fresh process and returns the first line it prints. */
export async function lineOfDenoChild(
  name: string,
  file: string,
  args: readonly string[] = [],
  flags: readonly string[] = [],
): Promise<string> {
  const child = denoChild(name, file, args, flags);
  try {
    return await child.line();
  } finally {
    await child.stop();
  }
}
