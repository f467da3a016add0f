/**
 * Writes bodies that encode and copy alike once. Typed values whose wire form is their own (records of
 * integers, texts and the like) are encoded and copied by the same code; only the type of what is returned
 * differs.
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
    const [, name, parameters] = HEAD.exec(lines[0]!)!;
    const copy = equal.get(name!);
    if (copy === undefined) return lines;
    // Functions are hoisted and what uses this constant comes behind it.
    return [`const ${name}: (${parameters}) => Json = ${copy} as never;`];
  });
  // What only bodies that are gone called is gone too.
  const used = (name: string) =>
    [...written.flat(), ...rest].join("\n").split(new RegExp(`\\b${name}\\b`)).length > 2;
  return written.filter((lines) =>
    !lines[0]!.startsWith("const ") || used(/^const (\w+)/.exec(lines[0]!)![1]!)
  );
}

/** The copy functions that say the same as encode functions, by the names of these. */
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
