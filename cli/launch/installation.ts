/** This installation of Denizen: where it is, and what apps import from it. */
import * as path from "node:path";
import { fileURLToPath } from "node:url";
import { withoutComments } from "./app_config.ts";
import manifest from "../deno.json" with { type: "json" };

export const VERSION: string = manifest.version;

/** The modules that apps may import, with their URLs. */
export const PUBLIC_MODULES: Readonly<Record<string, string>> = {
  "@denizen/macro": import.meta.resolve("@denizen/macro"),
  "@denizen/macro/codec": import.meta.resolve("@denizen/macro/codec"),
  "@denizen/runtime": import.meta.resolve("@denizen/runtime"),
  "@denizen/runtime/storage": import.meta.resolve("@denizen/runtime/storage"),
  "@denizen/runtime/testing": import.meta.resolve("@denizen/runtime/testing"),
};

/** A copy of the repository on this machine, as opposed to a published version. */
export interface Checkout {
  readonly root: string;
  /** The import map of its modules. */
  readonly imports: Readonly<Record<string, string>>;
  /** The folders of {@link PUBLIC_MODULES} and of the modules they import. */
  readonly folders: readonly string[];
}

/**
 * The checkout that this runs from; `undefined` for a published version, whose imports need no import map.
 */
export async function findCheckout(): Promise<Checkout | undefined> {
  if (!import.meta.url.startsWith("file:")) return undefined;
  const root = path.resolve(fileURLToPath(import.meta.resolve("../../")));
  const text = await Deno.readTextFile(path.join(root, "deno.json"));
  const { imports } = JSON.parse(withoutComments(text)) as { imports: Record<string, string> };
  return { root, imports, folders: ["macro", "runtime", "pack_sdk"].map((name) => path.join(root, name)) };
}

/** The command with which a task in a user's `deno.json` runs this `denizen`. */
export function denizenTask(checkout: Checkout | undefined): string {
  const program = checkout
    ? `-P=denizen "${fileURLToPath(MAIN_MODULE)}"`
    : `--allow-read --allow-write --allow-net --allow-run=deno --ignore-env jsr:@denizen/cli@${VERSION}`;
  return `deno run --quiet ${program}`;
}

/** The program of the node's process. */
export const HOST_MODULE: string = import.meta.resolve("./host.ts");
/** The `denizen` command. */
const MAIN_MODULE: string = import.meta.resolve("../main.ts");
