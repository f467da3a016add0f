/**
 * Starts workerd, Cloudflare's runtime, with a Durable Object counter whose SQLite storage is on local disk.
 */
import { Child, output, Unavailable } from "../child.ts";
import type { Server } from "../server.ts";

const VERSION = "1.20261117.1";

const PACKAGES: Readonly<Record<string, string>> = {
  "linux x86_64": "workerd-linux-64",
  "linux aarch64": "workerd-linux-arm64",
  "darwin x86_64": "workerd-darwin-64",
  "darwin aarch64": "workerd-darwin-arm64",
};

const CONFIG = new URL("./workerd.capnp", import.meta.url).pathname;

let binary: Promise<string> | undefined;

/** Keeps the objects under `data`. The system chooses the port, which the control channel reports. */
export async function startWorkerd(data: string): Promise<Server> {
  binary ??= install();
  const args = ["serve", CONFIG, `--directory-path=disk=${data}`, "--control-fd=1"];
  const child = new Child("workerd", await binary, args);
  try {
    const event = JSON.parse(await child.line()) as { event: string; port?: number };
    if (event.port === undefined) {
      throw new Error(`Cannot use workerd as its first event is "${event.event}"`);
    }
    return { url: `http://127.0.0.1:${event.port}`, child };
  } catch (error) {
    await child.stop();
    throw error;
  }
}

/**
 * Fetches the package of this platform into Deno's cache and returns the binary's path. Runs in a process
 * without our configuration: the import map and lockfile of the workspace must not carry 160 MB that nothing
 * else needs.
 */
async function install(): Promise<string> {
  const platform = `${Deno.build.os} ${Deno.build.arch}`;
  const name = PACKAGES[platform];
  if (name === undefined) throw new Unavailable(`workerd has no package for ${platform}`);
  const specifier = `npm:@cloudflare/${name}@${VERSION}`;
  const program = `
    await import("${specifier}/package.json", { with: { type: "json" } });
    console.log(new URL(import.meta.resolve("${specifier}/bin/workerd")).pathname);
  `;
  try {
    return await output("workerd", Deno.execPath(), ["eval", "--no-config", "--no-lock", "--quiet", program]);
  } catch (error) {
    throw new Unavailable(
      `${specifier} cannot be installed: ${error instanceof Error ? error.message : error}`,
    );
  }
}
