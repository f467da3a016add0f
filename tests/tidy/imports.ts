/** Who may import whom: the order of folders and packages, and no cycles. */
import * as path from "node:path";
import ts from "typescript";
import { code, expectNone } from "./findings.ts";
import { importsOf, isTest } from "./source_tree.ts";

/**
 * Inside `runtime/`, a folder may import only from those above it. Files at its root, and these folders, are
 * leaves.
 */
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

/**
 * The folders of `cli`, lowest first; the files at its root are the commands and may import from all of them.
 */
const CLI_ROOMS = ["terminal", "launch", "pack", "compile"];

Deno.test("folders of cli import only from folders below them", () => {
  const room = (name: string) => /^cli\/([a-z_]+)\/[^/]+\.ts$/.exec(name)?.[1];
  const rank = (name: string) => CLI_ROOMS.indexOf(room(name)!);
  const isSupport = (name: string) => /\/_[a-z_]+\.ts$/.test(name);
  const rooms = code.filter((file) => room(file.name) && room(file.name) !== "template" && !isTest(file));
  const findings = rooms.filter(({ name }) => !isSupport(name)).flatMap((file) => {
    if (rank(file.name) === -1) return [`${file.name} is in a folder that CLI_ROOMS does not have`];
    return importsOf(file).filter((target) => /^cli\/.*\.ts$/.test(target))
      .filter((target) => room(target) === undefined || rank(target) > rank(file.name))
      .map((target) => `${file.name} imports ${target}`);
  });
  expectNone(findings, `Move the code down. The order is ${CLI_ROOMS.join(", ")}, then the commands.`);
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
