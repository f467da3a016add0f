/**
 * The child process of `denizen pack verify`: runs code of a pack in a worker or a process, and the
 * conformance kit here.
 */
import { conformance } from "@denizen/pack-sdk/conformance";
import { inspectPack, type PackReport, readPackFile, verifyPack } from "@denizen/runtime/packs";
import * as path from "node:path";
import { runChildProgram } from "./child_program.ts";

export interface VerifyWork {
  /** Absolute. */
  readonly path: string;
  readonly key?: string;
  /** Also run the native library for this machine. */
  readonly native: boolean;
  readonly conformance: boolean;
  /** Templates that the conformance kit skips. */
  readonly skip: readonly string[];
  /** A folder for unpacked files. */
  readonly folder: string;
}

export type VerifyEvent =
  | { readonly event: "verified"; readonly report: Omit<PackReport, "manifest"> }
  | { readonly event: "case"; readonly target: string; readonly name: string; readonly failure?: string };

await runChildProgram<VerifyWork, VerifyEvent>(async (work, onEvent) => {
  const { manifest: _, ...report } = await verifyPack(work.path, {
    native: work.native,
    key: work.key,
    cache: work.folder,
  });
  onEvent({ event: "verified", report });
  if (!work.conformance) return;
  for (const { target, carrier } of (await inspectPack(work.path)).files) {
    const ran = report.files.some((file) => file.target === target && file.ran);
    if (ran) await conform(work, target, carrier === "wasm" ? "pack.wasm" : "pack.so", onEvent);
  }
});

async function conform(
  work: VerifyWork,
  target: string,
  name: string,
  onEvent: (event: VerifyEvent) => void,
): Promise<void> {
  const file = path.join(work.folder, name);
  await Deno.writeFile(file, await readPackFile(work.path, target));
  const skip = Object.fromEntries(work.skip.map((template) => [template, "--skip"]));
  for (const { name, run } of conformance(file, { skip })) {
    try {
      await run();
      onEvent({ event: "case", target, name });
    } catch (thrown) {
      onEvent({
        event: "case",
        target,
        name,
        failure: thrown instanceof Error ? thrown.message : String(thrown),
      });
    }
  }
}
