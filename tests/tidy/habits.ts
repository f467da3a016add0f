/** How code is written: where errors, output and bounds come from. */
import ts from "typescript";
import { code, documents, expectNone, findAll, runtimeCode, treeOf, visitNodes } from "./findings.ts";
import { isTest, sourceFiles } from "./source_tree.ts";

Deno.test("errors of the runtime come from the table", () => {
  const findings = findAll(runtimeCode, /throw new (Error|TypeError|RangeError)\(/);
  expectNone(findings, "Throw a DenizenError with a code of errors.ts.");
});

Deno.test("the runtime prints through its log only", () => {
  expectNone(
    findAll(runtimeCode.filter(({ name }) => name !== "runtime/log.ts"), /\bconsole\./),
    "Use the Log that was handed in.",
  );
});

Deno.test("log messages are short lower-case events", () => {
  const findings: string[] = [];
  for (const file of code.filter((file) => !isTest(file) && /^(runtime|cli)\//.test(file.name))) {
    visitNodes(treeOf(file), (node) => {
      if (!ts.isCallExpression(node) || !/\blog\.(debug|info|warn|error)$/i.test(node.expression.getText())) {
        return;
      }
      const message = node.arguments[0];
      if (!message || !ts.isStringLiteralLike(message)) return;
      if (!/^[a-z@][^.:]{0,60}$/.test(message.text)) findings.push(`${file.name}: ${message.getText()}`);
    });
  }
  expectNone(findings, 'Name the event, such as "process crashed", and put its details into fields.');
});

Deno.test("bounds of the runtime stand in limits.ts", () => {
  const findings = findAll(
    runtimeCode.filter(({ name }) => name !== "runtime/limits.ts"),
    /^\s*(export )?const [A-Z0-9_]+_(MAX|MIN|MS|BYTES|DEFAULT)\b/,
  );
  expectNone(findings, "Move the constant to limits.ts.");
});

Deno.test("nothing is left for later, and nothing names a machine's folders", () => {
  const everything = [...code, ...documents, ...sourceFiles(".json", ".html", ".js", ".css")];
  const marks = new RegExp(
    ["TO" + "DO", "FIX" + "ME", "HA" + "CK", "X" + "XX"].map((mark) => `\\b${mark}\\b`).join("|"),
  );
  expectNone(findAll(everything, marks), "Do it, or say in an issue that it is not done.");
  const folders = new RegExp(
    ["/ro" + "ot/", "/ho" + "me/[a-z]", "/wo" + "rk/"].map((folder) => `(^|[\\s"'\`(])${folder}`).join("|"),
  );
  expectNone(findAll(everything, folders), "Write the path relative to the repository.");
});

Deno.test("tests are named as sentences", () => {
  const findings = code.filter(({ name }) => name.endsWith("_test.ts")).flatMap(({ name, text }) =>
    [...text.matchAll(/\b(?:Deno\.)?test\w*\(\s*"([^"]+)"/g)].map((match) => match[1]!)
      .filter((title) => title.split(" ").length < 3).map((title) => `${name}: "${title}"`)
  );
  expectNone(findings, "Say what is true when the test passes.");
});

Deno.test("a lint rule is switched off with a reason", () => {
  const findings = findAll(
    code.filter(({ name }) => !name.startsWith("macro/generate/emit/")),
    /deno-lint-ignore(-file)?(?!.* -- )/,
  ).filter((finding) => !finding.includes("tidy/habits.ts"));
  expectNone(findings, 'Write "-- reason" behind it.');
});
