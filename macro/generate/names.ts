/** The names that follow from others: ids from classes, tags from methods, files from classes. */

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
