/** Names of constants for the templates of a pack: `text.to_tokens` of the pack `text` is `toTokens`. */

/** Reserved words, and the names that the generated module uses. */
const TAKEN =
  ("await break case catch class const continue debugger default delete do else enum export extends false finally for function if " +
    "implements import in instanceof interface let new null package private protected public return static super switch this throw " +
    "true try typeof undefined var void while with yield arguments eval Template").split(" ");

/** In the order of the templates. If two would have the same name, the later one gets a number. */
export function templateNames(pack: string, templates: readonly string[]): string[] {
  const taken = new Set(TAKEN);
  return templates.map((template) => {
    const wanted = constantName(pack, template);
    let name = wanted;
    for (let count = 2; taken.has(name); count++) name = `${wanted}${count}`;
    taken.add(name);
    return name;
  });
}

function constantName(pack: string, template: string): string {
  const own = template.startsWith(`${pack}.`) ? template.slice(pack.length + 1) : template;
  const words = own.split(/[^A-Za-z0-9]+/).filter((word) => word !== "");
  const name = words.map((word, at) => at === 0 ? lowerFirst(word) : word[0]!.toUpperCase() + word.slice(1))
    .join("");
  if (name === "") return "template";
  return /^[0-9]/.test(name) ? `template${name}` : name;
}

/** `HTTP` is `http`, `Resize` is `resize`. */
function lowerFirst(word: string): string {
  return /^[A-Z0-9]+$/.test(word) ? word.toLowerCase() : word[0]!.toLowerCase() + word.slice(1);
}
