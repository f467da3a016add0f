/** Starts our side: a Denizen node in a fresh process that hosts everything under `processes/`. */
import { denoChild, type Server, serverOf } from "./server.ts";

/** Keeps its state in `data`. `flags` are for the Deno process. */
export function startOurs(data: string, flags: readonly string[] = []): Promise<Server> {
  return serverOf(denoChild("denizen", "host.ts", [data], flags));
}

/** The path at which a process of this package takes tagged bodies. */
export function pathOf(process: string): string {
  return `/${process}:bench:denizen.os/api`;
}
