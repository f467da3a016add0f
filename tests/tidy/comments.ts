/** Comments: their width, and that what they and other texts name exists. */
import ts from "typescript";
import { ERROR_CODES } from "../../runtime/errors.ts";
import { code, documents, expectNone, treeOf, visitNodes } from "./findings.ts";
import { isTest, type SourceFile, sourceFiles } from "./source_tree.ts";

const COLUMNS_MAX = 110;

Deno.test("comments keep the width of the code", () => {
  const files = [...code, ...sourceFiles(".rs", ".c", ".h", ".js", ".mjs", ".css", ".lua", ".sh")];
  const commentOf = (name: string) =>
    name.endsWith(".lua") ? /^\s*--/ : name.endsWith(".sh") ? /^\s*#/ : /^\s*(\/\/|\/\*|\* )|\s\/\/\s/;
  const findings = files.flatMap(({ name, lines }) =>
    lines.flatMap((line, index) =>
      line.length > COLUMNS_MAX && commentOf(name).test(line) && !/^\s*\* \||https?:\/\/\S{60}/.test(line)
        ? [`${name}:${index + 1} has ${line.length} columns`]
        : []
    )
  );
  expectNone(findings, `Wrap the comment at ${COLUMNS_MAX} columns.`);
});

/** Phrases without a concrete subject or with a word of our own, and what to write instead. */
const RIDDLES: readonly (readonly [RegExp, string])[] = [
  [/\b(nobody|somebody|whoever)\b/i, "name the subject: no caller, another program, the reader"],
  [/\b(is|are|was|were) told\b/, "is notified, gets, is reported"],
  [/\btells? of\b/, "depends on, reports"],
  [/\blets? go of\b/, "releases, drops"],
  [/\b(that|which) is none\b/, "invalid, malformed, missing"],
  [/\bown affair\b|\bbuilt? upon\b|\bgoes? on with\b|\bmends?\b/, "is ignored, depends on, keeps, fixes"],
];

Deno.test("comments have concrete subjects and the field's words", () => {
  const files = [...code, ...sourceFiles(".rs", ".c", ".h", ".js")].filter(({ name }) =>
    name !== "tests/tidy/comments.ts"
  );
  const findings = files.flatMap(({ name, lines }) =>
    lines.flatMap((line, index) => {
      if (!/^\s*(\/\/|\/\*|\* )/.test(line)) return [];
      return RIDDLES.filter(([phrase]) => phrase.test(line)).map(([phrase, instead]) =>
        `${name}:${index + 1}: "${phrase.exec(line)![0]}"; write for example: ${instead}`
      );
    })
  );
  expectNone(findings, "Write who does what.");
});

Deno.test("every guarantee that is cited is defined in ARCHITECTURE.md", () => {
  const architecture = documents.find(({ name }) => name === "ARCHITECTURE.md")!;
  const defined = new Set([...architecture.text.matchAll(/^- \*\*(G\d+) /gm)].map((match) => match[1]!));
  const findings = [...code, ...documents, ...sourceFiles(".rs", ".c", ".h")].flatMap(({ name, lines }) =>
    lines.flatMap((line, index) =>
      [...line.matchAll(/\bG\d+\b/g)].filter(([cited]) => !defined.has(cited))
        .map(([cited]) => `${name}:${index + 1}: ${cited}`)
    )
  );
  expectNone(findings, "Cite a guarantee of ARCHITECTURE.md, or define it there.");
});

Deno.test("every error code is raised somewhere", () => {
  const raised = new Set<string>();
  for (const file of code) {
    if (isTest(file) || file.name.startsWith("runtime/testing/")) {
      continue;
    }
    visitNodes(treeOf(file), (node) => {
      if (!ts.isStringLiteral(node) || !(node.text in ERROR_CODES)) return;
      const { parent } = node;
      const compared = ts.isBinaryExpression(parent) && /^[!=]==$/.test(parent.operatorToken.getText());
      if (!compared && !ts.isCaseClause(parent) && !ts.isLiteralTypeNode(parent)) raised.add(node.text);
    });
  }
  const findings = Object.keys(ERROR_CODES).filter((code) => !raised.has(code));
  expectNone(findings, "Raise the code where it belongs, or take it out of runtime/errors.ts.");
});

/**
 * Strings and comments of what users read and edit: not those of tests, which also name what does not exist.
 */
const texts = [
  ...documents,
  ...code.filter((file) => !isTest(file) && !file.name.startsWith("pack_sdk/assemblyscript/")),
];

/** Where `pattern` finds a name in `files` that is not among `known`. */
function unknownNames(files: readonly SourceFile[], pattern: RegExp, known: ReadonlySet<string>): string[] {
  return files.flatMap(({ name, lines }) =>
    lines.flatMap((line, index) =>
      [...line.matchAll(pattern)].filter((match) => !known.has(match[1]!))
        .map((match) => `${name}:${index + 1}: ${match[0].trim()}`)
    )
  );
}

function namesIn(files: readonly SourceFile[], pattern: RegExp): string[] {
  return files.flatMap(({ text }) => [...text.matchAll(pattern)].map((match) => match[1]!));
}

/** Of packages: `@denizen/macro`. */
const SCOPES = ["denizen"];
const DOC_TAGS = ["param", "throws", "returns", "module", "example", "link", "default", "internal"];
/** What AssemblyScript's compiler knows. */
const ASSEMBLYSCRIPT_DECORATORS = ["inline", "unmanaged", "external", "global", "unsafe", "final", "lazy"];

Deno.test("every decorator that a text names exists", () => {
  const home = code.filter(({ name }) => name === "macro/declare/decorators.ts");
  const known = new Set([
    ...namesIn(home, /^export (?:const|function) (\w+)/gm),
    ...SCOPES,
    ...DOC_TAGS,
    ...ASSEMBLYSCRIPT_DECORATORS,
  ]);
  const findings = unknownNames(texts, /(?<![\w./`"'@$}-])@([a-z]\w*)(?![\w./:@-])/gi, known);
  expectNone(findings, "Name a decorator that macro exports.");
});

Deno.test("every command that a text names exists", () => {
  const cli = code.filter((file) => file.name.startsWith("cli/") && !isTest(file));
  const commands = namesIn(cli, /\bname: "([a-z]+(?: [a-z]+)?)",\s*(?:program: .*\s*)?summary:/g);
  const known = new Set([...commands, "help"]);
  const named = /(?:^|[`"(\s])(?:deno task )?denizen ((?:pack )?[a-z]+)\b(?=[ `"\])]|$)/g;
  expectNone(
    unknownNames(texts.filter(({ name }) => name !== "deno.json"), named, known),
    "Name a command that `denizen --help` lists.",
  );
});

/** Of tools that texts name and no code of ours calls. */
const FOREIGN_OPTIONS: readonly string[] = [];

Deno.test("every option that a text names exists", () => {
  const ours = code.filter((file) => !isTest(file) || file.name.startsWith("bench/"));
  const known = new Set([
    ...namesIn(ours, /^\s*"?([a-z][a-z-]*)"?: \{\s*type: "(?:string|boolean)"/gm),
    // Those that code of ours hands to another program.
    ...namesIn(code, /["`]--([a-z][a-z-]*)["=]/g),
    ...FOREIGN_OPTIONS,
  ]);
  const findings = unknownNames(texts, /(?<![\w,-])--([a-z](?:[a-z-]*[a-z])?)(?![\w-])/g, known);
  expectNone(findings, "Name an option that a command's --help lists.");
});
