/** Generates a case of this folder and imports the result, for the tests that run generated code. */
import { join } from "node:path";
import type { Contract } from "../../declare/contract.ts";
import { generate } from "../mod.ts";
import type { ProcessModel } from "../model.ts";
import { readApp } from "../read/read_app.ts";

export interface GeneratedCase {
  readonly contract: Contract;
  readonly model: ProcessModel;
  /** Everything the generated module exports. */
  readonly module: Readonly<Record<string, unknown>>;
  /** A new instance of the process's class. */
  make(): object;
}

const cases = new Map<string, Promise<GeneratedCase>>();

/** The one process of a case, in a folder of its own; the same one for each call with one name. */
export function generatedCase(name: string): Promise<GeneratedCase> {
  const known = cases.get(name);
  if (known !== undefined) return known;
  const made = makeCase(name);
  cases.set(name, made);
  return made;
}

async function makeCase(name: string): Promise<GeneratedCase> {
  const folder = Deno.makeTempDirSync();
  const from = new URL(`${name}/`, import.meta.url);
  for (const { name: file } of Deno.readDirSync(from)) {
    if (!file.startsWith("expected.")) Deno.copyFileSync(new URL(file, from), join(folder, file));
  }
  const { processes: [generated] } = await generate({ apps: [join(folder, "input.ts")] });
  const module = await import(`file://${generated!.module}`) as Record<string, unknown>;
  const source = await import(`file://${generated!.source}`) as Record<string, new () => object>;
  const model = (await readApp([generated!.source], folder)).processes[0]!;
  return { contract: module.contract as Contract, model, module, make: () => new source[generated!.className]!() };
}
