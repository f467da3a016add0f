/** Names of files, and how long files and functions may be. */
import assert from "node:assert/strict";
import * as path from "node:path";
import ts from "typescript";
import { code, expectNone } from "./findings.ts";
import { isTest } from "./source_tree.ts";

Deno.test("files are named for their subject, in snake_case", () => {
  const banned = /^(types?|utils?|helpers?|common|misc|core|index|old|lib|shared)(_|\.|$)|_(old|v2|new)\./;
  const findings = code.map(({ name }) => name).filter((name) => {
    const base = path.basename(name);
    return !/^[a-z0-9_]+(\.d)?\.ts$/.test(base) || banned.test(base) ||
      name.split("/").slice(0, -1).some((folder) => /^(types?|utils?|helpers?|common|misc)$/.test(folder));
  });
  expectNone(findings, "Name the file after what it is about.");
});

const LINES_MAX = 700;
const TEST_LINES_MAX = 900;

Deno.test("files are short enough to read", () => {
  const findings = code.filter((file) => file.lines.length > (isTest(file) ? TEST_LINES_MAX : LINES_MAX))
    .map(({ name, lines }) => `${name} has ${lines.length} lines`);
  expectNone(findings, `Split it by subject: ${LINES_MAX} lines at most, ${TEST_LINES_MAX} for tests.`);
});

Deno.test("the median source file has at most 130 lines and a tenth have over 350", () => {
  const sizes = code.filter((file) => !isTest(file)).map(({ lines }) => lines.length).sort((a, b) => a - b);
  assert.ok(
    sizes[Math.floor(sizes.length / 2)]! <= 130,
    `the median is ${sizes[Math.floor(sizes.length / 2)]}`,
  );
  assert.ok(
    sizes[Math.floor(sizes.length * 0.9)]! <= 350,
    `the 90th percentile is ${sizes[Math.floor(sizes.length * 0.9)]}`,
  );
});

const FUNCTION_LINES_MAX = 70;
/** Longer functions that are one list of cases. It may only shrink. */
const LONG_FUNCTIONS: readonly string[] = [];

Deno.test("functions have at most 70 lines", () => {
  const findings: string[] = [];
  for (const file of code.filter((file) => !isTest(file))) {
    const source = ts.createSourceFile(file.name, file.text, ts.ScriptTarget.Latest, true);
    const visit = (node: ts.Node) => {
      if (ts.isFunctionLike(node) && "body" in node && node.body) {
        const from = source.getLineAndCharacterOfPosition(node.getStart(source)).line;
        const lines = source.getLineAndCharacterOfPosition(node.end).line - from + 1;
        const name = `${file.name} ${node.name?.getText(source) ?? "(anonymous)"}`;
        if (lines > FUNCTION_LINES_MAX && !LONG_FUNCTIONS.includes(name)) {
          findings.push(`${name}: ${lines} lines`);
        }
      }
      ts.forEachChild(node, visit);
    };
    visit(source);
  }
  expectNone(findings, "Take a part that has a name of its own out of it.");
});
