/**
 * The child process of `denizen pack list`: loads packs as a node does, but no code in this process: modules
 * in workers, native libraries in processes of their own.
 */
import { type IsolationMode, type PackRequest, PackTable } from "@denizen/runtime";
import { planPack } from "@denizen/runtime/packs";
import type { TemplateDescription } from "@denizen/pack-sdk";
import { explain, type Explanation } from "../terminal/failure.ts";
import { runChildProgram } from "./child_program.ts";

export interface ListWork {
  /** By the name in the app. */
  readonly packs: readonly (readonly [name: string, request: PackRequest])[];
  /** The permissions that the node's process would have. */
  readonly permissions: { readonly ffi: boolean; readonly run: boolean };
  /** A folder for unpacked files. */
  readonly folder: string;
}

/** `place` is missing if it cannot be decided where the pack would run. */
export interface ListedPack {
  readonly name: string;
  readonly path: string;
  readonly version?: string;
  readonly place?: IsolationMode;
  readonly reason?: string;
  readonly signedBy?: string;
  readonly templates: readonly TemplateDescription[];
  /** Why a node cannot load it. */
  readonly failure?: Explanation;
}

const LOAD_MS_MAX = 10_000;

await runChildProgram<ListWork, ListedPack>(async ({ packs, permissions, folder }, report) => {
  await using table = new PackTable({ cache: folder });
  for (const [name, request] of packs) report(await tryPack(table, name, request, permissions));
});

async function tryPack(
  table: PackTable,
  name: string,
  request: PackRequest,
  permissions: ListWork["permissions"],
): Promise<ListedPack> {
  const { path } = request;
  let planned: Pick<ListedPack, "place" | "reason"> = {};
  try {
    const { choice: { isolation, reason } } = await planPack(request, permissions);
    planned = { place: isolation, reason };
    const mode = isolation === "native" || isolation === "isolated" ? "isolated" : "wasm";
    const timeLimitMs = request.timeLimitMs ?? LOAD_MS_MAX;
    const { version, templates, signedBy } = await table.load({ ...request, mode, timeLimitMs });
    return { name, path, ...planned, version, signedBy, templates };
  } catch (thrown) {
    return { name, path, ...planned, templates: [], failure: explain(thrown) };
  }
}
