/** C packs: natively with the machine's compiler, for wasm with clang and its linker. */
import * as path from "node:path";
import { headerFolder } from "./sdk_source.ts";
import { compile, findTool } from "./tool.ts";
import type { Job, Outcome } from "./job.ts";

const WARNINGS = ["-Wall", "-Wextra"];

/** The output does not depend on the path of the folder. */
function reproducible(folder: string, include: string): string[] {
  return [`-ffile-prefix-map=${folder}=.`, `-ffile-prefix-map=${include}=denizen`];
}

export async function buildNativeC({ folder, target, recipe, output }: Job): Promise<Outcome> {
  const tool = findTool(["cc", "gcc", "clang"], "CC");
  if (!tool) return { missing: "a C compiler (cc, gcc or clang)" };
  const include = await headerFolder(target);
  const { os } = Deno.build;
  // A symbol that no library defines fails the build; found only at the first call, it would end the process.
  const shared = os === "darwin"
    ? ["-dynamiclib"]
    : os === "windows"
    ? ["-shared"]
    : ["-shared", "-Wl,--build-id=none", "-Wl,-z,defs"];
  const flags = [
    "-std=c11",
    "-O2",
    ...WARNINGS,
    "-fPIC",
    "-fvisibility=hidden",
    "-s",
    ...shared,
    `-I${include}`,
  ];
  // The flags of the pack come last: a linker takes from a library only what earlier files need.
  const args = [...flags, ...reproducible(folder, include), ...recipe.sources, ...recipe.flags, "-o", output];
  await compile(tool, args, { cwd: folder });
  return { output };
}

export async function buildWasmC({ folder, target, recipe, output }: Job): Promise<Outcome> {
  const tool = findTool(["clang"], "DENIZEN_CLANG");
  if (!tool) return { missing: "clang" };
  if (!findTool(["wasm-ld"])) return { missing: "wasm-ld (in the package lld)" };
  const include = await headerFolder(target);
  const flags = [
    "--target=wasm32",
    "-std=c11",
    "-O2",
    ...WARNINGS,
    "-ffreestanding",
    "-nostdlib",
    "-mbulk-memory",
    "-msimd128",
    "-fvisibility=hidden",
    "-Wl,--no-entry",
    "-Wl,--strip-all",
    /* The stack comes first in memory, so that an overflow traps instead of overwriting data. */
    "-Wl,--stack-first",
    "-Wl,-z,stack-size=262144",
    `-I${include}`,
  ];
  const args = [...flags, ...reproducible(folder, include), ...recipe.flags, ...recipe.sources, "-o", output];
  await compile(tool, args, { cwd: path.resolve(folder) });
  return { output };
}
