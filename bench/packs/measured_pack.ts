/** The pack that a program of this folder measures, loaded as an app loads one that it trusts. */
import { type PackActor, type PackRequest, PackTable } from "@denizen/runtime";
import { DATA_ROOT } from "../folder.ts";

/** The first arguments of every program in this folder: the carrier, and the path of the pack. */
const [carrier, path, ...others] = Deno.args as ["native" | "wasm", string, ...string[]];
/** The arguments that mean something to one program only. */
export const rest = others;

/** Much more than any of these needs, so that no bound is in the way. */
const MEMORY_BYTES_MAX = 2 ** 30;

export const request: PackRequest = {
  path,
  mode: carrier,
  native: carrier === "native",
  trusted: true,
  memoryBytesMax: MEMORY_BYTES_MAX,
};

export function emptyTable(): PackTable {
  return new PackTable({ cache: `${DATA_ROOT}packs` });
}

export async function actorOf(template: string, config?: Record<string, unknown>): Promise<PackActor> {
  const table = emptyTable();
  await table.load(request);
  return await table.actor(template, { config });
}

/** Prints the figure and exits at once, without closing the pack. */
export function finish(figure: number): never {
  console.log(figure);
  Deno.exit();
}
