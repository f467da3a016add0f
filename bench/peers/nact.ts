/** Runs the nact counter under Deno, the engine we run on, and under Node, the one nact was written for. */
import { output } from "../child.ts";
import { lineOfDenoChild } from "../server.ts";

const VERSION = "7.6.2";

const PROGRAM = "peers/nact_counter.mjs";

/** Seconds `calls` sequential calls took under Deno. */
export async function secondsOfNactCalls(calls: number): Promise<number> {
  return Number(await lineOfDenoChild("nact", PROGRAM, [String(calls)]));
}

/** The same under Node; nact is installed into `folder` the first time. */
export async function secondsOfNactCallsOnNode(calls: number, folder: string): Promise<number> {
  const program = `${folder}/nact_counter.mjs`;
  if (!await exists(program)) {
    const quiet = ["--silent", "--no-audit", "--no-fund"];
    await output("npm", "npm", ["install", "--prefix", folder, ...quiet, `nact@${VERSION}`]);
    await Deno.copyFile(new URL(`../${PROGRAM}`, import.meta.url), program);
  }
  return Number(await output("node", "node", [program, String(calls)]));
}

async function exists(path: string): Promise<boolean> {
  try {
    await Deno.stat(path);
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}
