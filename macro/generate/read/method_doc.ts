/** Divides documentation comments of methods by their TSDoc tags. */

export interface MethodDoc {
  /** Everything except `@param` and `@returns`. */
  readonly text?: string;
  /** By the name of the parameter. */
  readonly parameters: ReadonlyMap<string, string>;
  readonly result?: string;
}

const PARAMETER = /^@param\s+(?:\{[^}]*\}\s*)?\[?([\w$]+)[^\s\]]*\]?\s*(?:-\s*)?/;
const RESULT = /^@returns?\b\s*(?:\{[^}]*\}\s*)?(?:-\s*)?/;

/** Tags inside of fenced code are left alone. */
export function readMethodDoc(doc: string | undefined): MethodDoc {
  const rest: string[] = [];
  const parameters = new Map<string, string>();
  let result: string | undefined;
  for (const block of blocksOf(doc ?? "")) {
    const parameter = PARAMETER.exec(block), returned = RESULT.exec(block);
    if (parameter) parameters.set(parameter[1]!, block.slice(parameter[0].length).trim());
    else if (returned) result = block.slice(returned[0].length).trim();
    else rest.push(block);
  }
  return { text: rest.join("\n").trim() || undefined, parameters, result: result || undefined };
}

/** The text before the first block tag, and each block from its tag to the next. */
function blocksOf(doc: string): string[] {
  const blocks: string[][] = [[]];
  let fenced = false;
  for (const line of doc.split("\n")) {
    if (line.trimStart().startsWith("```")) fenced = !fenced;
    if (!fenced && /^@[a-zA-Z]/.test(line)) blocks.push([]);
    blocks.at(-1)!.push(line);
  }
  return blocks.map((lines) => lines.join("\n"));
}
