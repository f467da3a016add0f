/** Finds and runs compilers. */
import * as path from "node:path";
import { BuildFailure } from "./build_failure.ts";

/** A program on the PATH, or at the path in an environment variable. */
export function findTool(names: readonly string[], variable?: string): string | undefined {
  const told = variable && Deno.env.get(variable);
  if (told) return told;
  return names.flatMap((name) => onPath(name))[0];
}

/** Every program of that name on the PATH, in its order. */
export function onPath(name: string): string[] {
  const windows = Deno.build.os === "windows";
  const folders = (Deno.env.get("PATH") ?? "").split(path.delimiter).filter((folder) => folder !== "");
  return folders.map((folder) => path.join(folder, windows ? `${name}.exe` : name)).filter(isFile);
}

function isFile(file: string): boolean {
  try {
    return Deno.statSync(file).isFile;
  } catch {
    return false;
  }
}

interface RunOptions {
  readonly cwd?: string;
  readonly env?: Record<string, string>;
}

/** The output of the program, or `undefined` if it failed. */
export async function ask(
  tool: string,
  args: string[],
  options: RunOptions = {},
): Promise<string | undefined> {
  try {
    const { success, stdout } = await new Deno.Command(tool, { args, ...options, stderr: "null" }).output();
    return success ? new TextDecoder().decode(stdout).trim() : undefined;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}

/** Runs a compiler and returns its output; throws with that output if it fails. */
export async function compile(tool: string, args: string[], options: RunOptions = {}): Promise<string> {
  const decoder = new TextDecoder();
  let output: Deno.CommandOutput;
  try {
    output = await new Deno.Command(tool, { args, ...options }).output();
  } catch (cause) {
    throw new BuildFailure(`Cannot build the pack as ${tool} cannot be run`, "", cause);
  }
  if (!output.success) {
    throw new BuildFailure(
      `Cannot build the pack as ${path.basename(tool)} failed`,
      decoder.decode(output.stderr),
    );
  }
  return decoder.decode(output.stdout);
}
