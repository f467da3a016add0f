/** What documents and dependencies promise. */
import * as path from "node:path";
import { documents, expectNone } from "./findings.ts";
import { ROOT, sourceFiles } from "./source_tree.ts";

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
