/**
 * The source of modules that are generated to compile a program: its entry module, and one that inspects the
 * classes.
 */
import type { GeneratedProcess } from "@denizen/macro/generate";
import type { PackRequest } from "@denizen/runtime";
import { pathToFileURL } from "node:url";
import type { CompiledApp } from "./program.ts";

interface EntryParts {
  readonly name: string;
  readonly processes: readonly (GeneratedProcess & { readonly ui: string | undefined })[];
  readonly packs: readonly PackRequest[];
  readonly defaults: CompiledApp["defaults"];
}

/**
 * The source of `main.js`. Its arguments are those of the user; the launcher of a self-contained executable
 * puts two before them: its own path, and the folder for native libraries.
 */
export function entryModule({ name, processes, packs, defaults }: EntryParts): string {
  const imports = processes.map(({ source, module }, at) =>
    `import * as module${at} from ${quotedUrl(source)};\n` +
    `import { contract as contract${at} } from ${quotedUrl(module)};\n`
  );
  const entries = processes.map(({ ui }, at) =>
    `{ exports: module${at}, contract: contract${at}, ui: ${JSON.stringify(ui)} }`
  );
  return `import { runProgram } from ${JSON.stringify(import.meta.resolve("./program.ts"))};
${imports.join("")}
const own = Deno.build.standalone ? [Deno.execPath(), ""] : Deno.args.slice(0, 2);
const args = Deno.build.standalone ? Deno.args : Deno.args.slice(2);
const app = {
  name: ${JSON.stringify(name)},
  processes: [${entries.join(", ")}],
  packs: ${JSON.stringify(packs)},
  defaults: ${JSON.stringify(defaults)},
};
const place = { folder: import.meta.dirname, executable: own[0], libraries: own[1] || undefined, args };
Deno.exit(await runProgram(app, place));
`;
}

/** A module that loads the classes and prints the `ui` of each as a list in JSON. */
export function probeModule(processes: readonly GeneratedProcess[]): string {
  const imports = processes.map(({ source }, at) => `import * as module${at} from ${quotedUrl(source)};\n`);
  const classes = processes.map(({ className }, at) =>
    `exportedClass(module${at}, ${JSON.stringify(className)})`
  );
  return `import { declarationOf } from "@denizen/macro";
import { exportedClass } from "@denizen/runtime";
${imports.join("")}
const classes = [${classes.join(", ")}];
console.log("\\n" + JSON.stringify(classes.map((target) => declarationOf(target)?.options.ui ?? null)));
Deno.exit(0);
`;
}

function quotedUrl(file: string): string {
  return JSON.stringify(pathToFileURL(file).href);
}
