/** Derived names: ids and files from classes, tags from methods. */
import { dirname, relative } from "node:path";

/** The words of `TodoList`, `todoList`, `todo_list` or `HTTPServer2`. */
function words(name: string): string[] {
  return name.replace(/([a-z0-9])([A-Z])/g, "$1_$2").replace(/([A-Z])([A-Z][a-z])/g, "$1_$2").split("_")
    .filter(Boolean);
}

/** `TodoList` is `todo-list`. */
export function processName(className: string): string {
  return words(className).join("-").toLowerCase();
}

/** `TodoList` is generated into `todo_list.ts`. */
export function moduleName(className: string): string {
  return `${words(className).join("_").toLowerCase()}.ts`;
}

/** The data of `TodoList` is generated into `todo_list.schema.json`. */
export function schemaName(className: string): string {
  return `${words(className).join("_").toLowerCase()}.schema.json`;
}

/** The typed module of the pack `my-pack` is `my_pack_pack.ts`. */
export function packModuleName(pack: string): string {
  const name = pack.replace(/[^A-Za-z0-9]+/g, "_").replace(/^_+|_+$/g, "").toLowerCase();
  return `${name || "a"}_pack.ts`;
}

/** `get_user` and `getUser` are `GetUser`. */
export function tagOf(method: string): string {
  return method.split("_").filter(Boolean).map((word) => word.charAt(0).toUpperCase() + word.slice(1)).join(
    "",
  );
}

/** `getUser` is `GET_USER`. */
export function constantName(method: string): string {
  return words(method).join("_").toUpperCase();
}

/** The folder of a process's generated module. */
export function generatedFolder(source: string): string {
  return `${dirname(source)}/generated`;
}

/** How a module in `folder` imports `file`. */
export function importPath(folder: string, file: string): string {
  const path = relative(folder, file).replaceAll("\\", "/");
  return path.startsWith(".") ? path : `./${path}`;
}
