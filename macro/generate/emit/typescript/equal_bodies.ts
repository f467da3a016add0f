/**
 * Merges functions with equal bodies. Values that look the same typed and on the wire, such as records of
 * integers and strings, are encoded and copied by the same code; only the declared result type differs.
 */

/** The names of the two functions of one shape. */
export interface Pair {
  readonly encode: string;
  readonly copy: string;
}

const HEAD = /^function (\w+)\((.*)\): (.*) \{$/;

/**
 * @param functions each as its lines.
 * @param rest the code that uses them.
 */
export function mergeEqualBodies(
  functions: readonly (readonly string[])[],
  pairs: readonly Pair[],
  rest: readonly string[],
): (readonly string[])[] {
  const bodies = new Map(functions.map(([head, ...lines]) => [HEAD.exec(head!)![1]!, lines.join("\n")]));
  const equal = equalPairs(pairs, bodies);
  const written = functions.map((lines) => {
    const [, name = "", parameters] = HEAD.exec(lines[0]!)!;
    const copy = equal.get(name);
    // A constant, unlike a function, exists only after this line; everything that runs earlier is a function.
    return copy === undefined
      ? { name, lines }
      : { name, lines: [`const ${name}: (${parameters}) => Json = ${copy} as never;`] };
  });
  const uses = countNames([...written.flatMap(({ lines }) => lines), ...rest]);
  // Some were called only by removed bodies.
  return written.filter(({ name }) => !equal.has(name) || uses.get(name)! > 1).map(({ lines }) => lines);
}

function countNames(lines: readonly string[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const [name] of lines.join("\n").matchAll(/\w+/g)) counts.set(name, (counts.get(name) ?? 0) + 1);
  return counts;
}

/** Maps each encode function to the copy function with the same body, if there is one. */
function equalPairs(pairs: readonly Pair[], bodies: ReadonlyMap<string, string>): Map<string, string> {
  const equal = new Map<string, string>();
  for (let found = true; found;) {
    found = false;
    for (const { encode, copy } of pairs) {
      if (equal.has(encode)) continue;
      const known = new Map([...equal, [encode, copy]]);
      const body = bodies.get(encode)!.replace(/\bencode\w+/g, (name) => known.get(name) ?? name);
      if (body !== bodies.get(copy)) continue;
      equal.set(encode, copy);
      found = true;
    }
  }
  return equal;
}
