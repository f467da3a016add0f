/** The module files of an app. */
import { basename, dirname, join, resolve } from "node:path";
import { GenerateError } from "./generate_error.ts";

export interface AppModules {
  /** Absolute path of the module file or folder. */
  readonly path: string;
  /** The folder itself, or the one that holds the file. */
  readonly folder: string;
  /** Absolute, sorted. */
  readonly modules: readonly string[];
  /** The path of the record of the last run. */
  readonly manifest: string;
}

/** `*.ts` directly in an app's folder, except tests, declarations and names that start with a dot. */
function isModule(name: string): boolean {
  return name.endsWith(".ts") && !name.startsWith(".") && !/(_test|\.d)\.ts$/.test(name);
}

/**
 * Finds the modules of an app: the file itself, or those directly in the folder.
 *
 * @throws {GenerateError} if there is neither.
 */
export function findModules(app: string): AppModules {
  const path = resolve(app);
  let info: Deno.FileInfo;
  try {
    info = Deno.statSync(path);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    throw new GenerateError([{
      subject: `the app ${app}`,
      reason: "there is no such file or folder",
      file: path,
      shownFile: app,
      line: 1,
      column: 1,
      fix: "name a module file or a folder of them",
    }]);
  }
  if (info.isDirectory) {
    const names = [...Deno.readDirSync(path)].filter((entry) => !entry.isDirectory && isModule(entry.name));
    const modules = names.map((entry) => join(path, entry.name)).sort();
    return { path, folder: path, modules, manifest: join(path, "generated", ".manifest.json") };
  }
  const folder = dirname(path);
  const manifest = join(folder, "generated", `.${basename(path).replace(/\.\w+$/, "")}.manifest.json`);
  return { path, folder, modules: [path], manifest };
}
