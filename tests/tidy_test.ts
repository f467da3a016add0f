/** The rules of DESIGN §2 and of CONTRIBUTING.md, as tests: each failure says what to do. */
import assert from "node:assert/strict";
import * as path from "node:path";
import ts from "typescript";
import { importsOf, isTest, ROOT, type SourceFile, sourceFiles } from "./tidy/source_tree.ts";

const code = sourceFiles(".ts");
const documents = sourceFiles(".md");

/** Fails with every finding at once. */
function expectNone(findings: string[], fix: string): void {
  assert.equal(findings.length, 0, `${fix}\n  ${findings.join("\n  ")}\n`);
}

function findAll(files: SourceFile[], pattern: RegExp): string[] {
  return files.flatMap(({ name, lines }) =>
    lines.flatMap((line, index) => pattern.test(line) ? [`${name}:${index + 1}: ${line.trim()}`] : [])
  );
}

// Imports.

/** Inside `runtime/`, a folder may import only from those above it. Files at its root, and these folders, are leaves. */
const RUNTIME_LEAVES = ["world"];
const RUNTIME_ORDER = [
  "storage",
  "commit",
  "message",
  "process",
  "transport",
  "ingress",
  "delivery",
  "workflow",
  "pack",
  "schedule",
  "device",
  "agent",
  "network",
  "peer",
  "http",
  "cluster",
  "node",
  "testing",
];

function runtimeRank(file: string): number {
  if (file === "runtime/mod.ts") return RUNTIME_ORDER.length;
  const [, folder, rest] = file.split("/");
  return rest === undefined || RUNTIME_LEAVES.includes(folder!) ? -1 : RUNTIME_ORDER.indexOf(folder!);
}

Deno.test("folders of runtime import only from folders above them", () => {
  const findings: string[] = [];
  for (const file of code.filter((file) => file.name.startsWith("runtime/") && !isTest(file))) {
    const rank = runtimeRank(file.name);
    for (const target of importsOf(file)) {
      if (!target.startsWith("runtime/")) continue;
      if (runtimeRank(target) > rank) findings.push(`${file.name} imports ${target}`);
    }
  }
  expectNone(
    findings,
    `Move the code, or hand the thing in from above. The order is ${RUNTIME_ORDER.join(", ")}.`,
  );
});

Deno.test("every folder of runtime has a place in the import order", () => {
  const folders = new Set(
    code.map(({ name }) => name.split("/")).filter(([root, , rest]) => root === "runtime" && rest)
      .map(([, folder]) => folder!),
  );
  const known = [...RUNTIME_LEAVES, ...RUNTIME_ORDER];
  expectNone([...folders].filter((folder) => !known.includes(folder)), "Add it to RUNTIME_ORDER.");
});

/** The rooms of `runtime/pack`, lowest first; a file at its root may import from all of them. */
const PACK_ROOMS = ["reflow", "sandbox", "bundle", "engine"];

Deno.test("rooms of runtime/pack import only from rooms below them", () => {
  const room = (name: string) => /^runtime\/pack\/([a-z_]+)\/[^/]+$/.exec(name)?.[1];
  const rank = (name: string) => PACK_ROOMS.indexOf(room(name)!);
  const rooms = code.filter((file) => room(file.name) !== undefined && !isTest(file));
  const findings = rooms.flatMap((file) => {
    if (rank(file.name) === -1) return [`${file.name} is in a room that PACK_ROOMS does not have`];
    return importsOf(file).filter((target) => target.startsWith("runtime/pack/"))
      .filter((target) => room(target) === undefined || rank(target) > rank(file.name))
      .map((target) => `${file.name} imports ${target}`);
  });
  expectNone(
    findings,
    `Move the code, or hand the thing in from above. The order is ${PACK_ROOMS.join(", ")}.`,
  );
});

/** What each package may import of ours. `tests` may import anything. */
const MAY_IMPORT: Record<string, readonly string[]> = {
  macro: [],
  pack_sdk: [],
  runtime: ["@denizen/macro"],
  packs: ["@denizen/pack-sdk"],
  cli: ["@denizen/macro", "@denizen/runtime", "@denizen/pack-sdk"],
  examples: ["@denizen/macro", "@denizen/runtime"],
  bench: ["@denizen/macro", "@denizen/runtime", "@denizen/pack-sdk"],
};

Deno.test("packages import each other by name, and only those they may", () => {
  const findings: string[] = [];
  for (const file of code) {
    const home = file.name.split("/")[0]!;
    const allowed = MAY_IMPORT[home];
    if (!allowed || isTest(file) && home !== "bench") continue;
    for (const target of importsOf(file)) {
      const ours = target.startsWith("@denizen/");
      if (ours) {
        const name = target.split("/").slice(0, 2).join("/");
        const fromPack = name === "@denizen/pack-sdk" && file.name.startsWith("runtime/pack/");
        if (!allowed.includes(name) && !fromPack) findings.push(`${file.name} imports ${target}`);
      } else if (
        target.includes("/") && !/^(npm|node|jsr|file):/.test(target) && !target.includes("/generated/")
      ) {
        const root = target.split("/")[0]!;
        if (root in MAY_IMPORT && root !== home) findings.push(`${file.name} imports ${target}`);
      }
    }
  }
  expectNone(findings, "Use the package's public exports, or turn the dependency around.");
});

Deno.test("no file imports itself through others, types included", () => {
  const graph = new Map(
    code.map((file) => [file.name, importsOf(file).filter((target) => target.endsWith(".ts"))]),
  );
  const done = new Set<string>();
  const findings: string[] = [];
  const visit = (file: string, trail: string[]) => {
    const start = trail.indexOf(file);
    if (start !== -1) {
      findings.push([...trail.slice(start), file].join(" → "));
      return;
    }
    if (done.has(file)) return;
    for (const next of graph.get(file) ?? []) visit(next, [...trail, file]);
    done.add(file);
  };
  for (const file of graph.keys()) visit(file, []);
  expectNone(findings, "Break the cycle: move what both need into a file of its own.");
});

Deno.test("mod.ts is for consumers: no file of a package imports its own", () => {
  const findings: string[] = [];
  for (const file of code.filter((file) => !isTest(file))) {
    const [home] = file.name.split("/");
    for (const target of importsOf(file)) {
      if (target === `${home}/mod.ts` && !file.name.endsWith("/mod.ts")) findings.push(file.name);
    }
  }
  expectNone(findings, "Import the file that has it.");
});

Deno.test("mod.ts only re-exports", () => {
  const findings: string[] = [];
  for (const { name, text } of code.filter(({ name }) => path.basename(name) === "mod.ts")) {
    const source = ts.createSourceFile(name, text, ts.ScriptTarget.Latest);
    for (const statement of source.statements) {
      if (!ts.isExportDeclaration(statement)) {
        findings.push(`${name}: ${statement.getText(source).slice(0, 60)}`);
      }
    }
  }
  expectNone(findings, "Put the code into a file of its own and re-export it.");
});

// Names and sizes.

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

// Habits.

const runtimeCode = code.filter((file) => file.name.startsWith("runtime/") && !isTest(file));

Deno.test("only clock.ts touches the machine's clock, timers and chance (G11)", () => {
  const sources = runtimeCode.filter(({ name }) =>
    name !== "runtime/world/clock.ts" && !name.startsWith("runtime/testing/")
  );
  const findings = findAll(
    sources,
    /\bDate\.now\(|new Date\(\)|\bset(Timeout|Interval)\(|Math\.random\(|performance\.now\(|crypto\.(randomUUID|getRandomValues)/,
  );
  expectNone(findings, "Ask the Clock that was handed in.");
});

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
  ).filter((finding) => !finding.includes("tidy_test.ts"));
  expectNone(findings, 'Write "-- reason" behind it.');
});

// Documents and dependencies.

Deno.test("paths that documents name exist", () => {
  const findings: string[] = [];
  for (const { name, text } of documents) {
    const links = [...text.matchAll(/\]\((?!https?:|#|mailto:)([^)#]+)[^)]*\)/g)].map((match) => match[1]!);
    const quoted = [...text.matchAll(/`((?:\.\/)?(?:[a-z_0-9]+\/)+[a-z_0-9.]*|[A-Z]+\.md)`/g)].map((match) =>
      match[1]!
    );
    for (const target of [...links, ...quoted]) {
      if (target.includes("generated/")) continue;
      const bases = [path.join(ROOT, path.dirname(name)), ROOT, path.join(ROOT, name.split("/")[0]!)];
      const exists = bases.some((base) => {
        try {
          Deno.statSync(path.join(base, target));
          return true;
        } catch {
          return false;
        }
      });
      if (!exists) findings.push(`${name}: ${target}`);
    }
  }
  expectNone(findings, "Correct the path, or take it out.");
});

Deno.test("dependencies are pinned, and CONTRIBUTING.md gives the reason for each", () => {
  const reasons = Deno.readTextFileSync(path.join(ROOT, "CONTRIBUTING.md"));
  const findings: string[] = [];
  for (const { name, text } of sourceFiles("deno.json").filter(({ name }) => !name.includes("template"))) {
    const imports = (JSON.parse(text) as { imports?: Record<string, string> }).imports ?? {};
    for (const target of Object.values(imports).filter((target) => target.startsWith("npm:"))) {
      const [, dependency, version] = /^npm:(@?[^@]+)@(.+)$/.exec(target) ?? [];
      if (!version || !/^\d+\.\d+\.\d+(\/.*)?$/.test(version)) {
        findings.push(`${name}: ${target} is not exact`);
      }
      if (!reasons.includes(`\`${dependency}\``)) {
        findings.push(`CONTRIBUTING.md gives no reason for ${dependency}`);
      }
    }
  }
  expectNone(findings, "Pin the exact version and add a line with the reason to the table.");
});
