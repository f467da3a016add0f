/** Parses an app and what it imports, with no more of TypeScript than declarations need. */
import { dirname, isAbsolute, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import ts from "typescript";
import { BUILTIN_DECLARATIONS } from "./builtin_declarations.ts";
import type { Configurations } from "./configuration.ts";
import type { SourceFiles } from "./source_files.ts";

const BUILTIN_FILE = "/denizen_builtin_declarations.d.ts";

/** Denizen's own modules, which are not read: their names are enough. */
const OUR_MODULE = /^(?:jsr:|npm:)?\/?(@denizen\/(?:macro|runtime))(?:@[^/]+)?(?:\/.*)?$/;

/** `@denizen/macro` or `@denizen/runtime`, if `specifier` leads there. */
export function ourModule(specifier: string): string | undefined {
  return OUR_MODULE.exec(specifier)?.[1];
}

export interface Sources {
  readonly program: ts.Program;
  readonly checker: ts.TypeChecker;
}

/** Whether a file belongs to JavaScript's library instead of the app. */
export function isBuiltin(file: ts.SourceFile): boolean {
  return file.fileName === BUILTIN_FILE;
}

export function readProgram(
  modules: readonly string[],
  files: SourceFiles,
  configurations: Configurations,
): Sources {
  const options: ts.CompilerOptions = {
    noLib: true,
    noEmit: true,
    strict: true,
    target: ts.ScriptTarget.ESNext,
    module: ts.ModuleKind.ESNext,
    moduleResolution: ts.ModuleResolutionKind.Bundler,
    allowImportingTsExtensions: true,
    types: [],
  };
  const host: ts.CompilerHost = {
    fileExists: (file) => host.readFile(file) !== undefined,
    readFile: (file) => file === BUILTIN_FILE ? BUILTIN_DECLARATIONS : files.read(file),
    getSourceFile(file, languageVersion) {
      const text = host.readFile(file);
      return text === undefined ? undefined : ts.createSourceFile(file, text, languageVersion, true);
    },
    resolveModuleNameLiterals: (literals, importer) =>
      literals.map((literal) => ({
        resolvedModule: resolveImport(literal.text, importer, files, configurations),
      })),
    getDefaultLibFileName: () => BUILTIN_FILE,
    writeFile: () => {},
    getCurrentDirectory: () => "/",
    getCanonicalFileName: (file) => file,
    useCaseSensitiveFileNames: () => true,
    getNewLine: () => "\n",
  };
  const program = ts.createProgram([BUILTIN_FILE, ...modules], options, host);
  return { program, checker: program.getTypeChecker() };
}

const EXTENSIONS: Readonly<Record<string, ts.Extension>> = {
  ".d.ts": ts.Extension.Dts,
  ".ts": ts.Extension.Ts,
  ".mts": ts.Extension.Mts,
  ".tsx": ts.Extension.Tsx,
};

/**
 * Where an import leads. Only files of the app count: packages and URLs stay unresolved, and so do generated
 * modules, which must not feed the generator.
 */
function resolveImport(
  specifier: string,
  importer: string,
  files: SourceFiles,
  configurations: Configurations,
): ts.ResolvedModuleFull | undefined {
  if (ourModule(specifier) !== undefined) return undefined;
  const target = isPath(specifier) ? specifier : configurations.mapImport(specifier, importer);
  if (target === undefined) return undefined;
  const file = target.startsWith("file:") ? fileURLToPath(target) : resolve(dirname(importer), target);
  const extension = Object.keys(EXTENSIONS).find((extension) => file.endsWith(extension));
  const isGenerated = dirname(file).endsWith("/generated") && dirname(file) !== dirname(importer);
  if (extension === undefined || isGenerated || files.read(file) === undefined) return undefined;
  return { resolvedFileName: file, extension: EXTENSIONS[extension]!, isExternalLibraryImport: false };
}

function isPath(specifier: string): boolean {
  return /^\.\.?\//.test(specifier) || isAbsolute(specifier) || specifier.startsWith("file:");
}
