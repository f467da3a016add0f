import assert from "node:assert/strict";
import ts from "typescript";
import { emitPackModule, isUpToDate } from "./emit/typescript/pack_module.ts";
import { packModuleName } from "./naming.ts";
import type { PackDescription } from "./pack_model.ts";
import { generatePackModule, packModulesIn, removePackModule } from "./pack_modules.ts";
import { readPack } from "./read/pack.ts";
import { templateNames } from "./template_names.ts";

const template = (name: string, more: object = {}) => ({
  name,
  inports: [] as string[],
  outports: [] as string[],
  types: {},
  blocking: false,
  description: "",
  ...more,
});

async function moduleText(pack: string, description: PackDescription) {
  const { model, refused } = readPack(pack, "/app/generated", description);
  const [file, ...others] = await emitPackModule(model);
  assert.deepEqual(others, []);
  return { ...file!, refused };
}

const TEXT: PackDescription = {
  name: "text",
  version: "1.0.0",
  description: "Text",
  templates: [
    template("text.to_tokens", {
      inports: ["input", "limit", "free"],
      outports: ["input", "odd name"],
      types: {
        input: "string",
        limit: "number | undefined",
        "out.input": "bytes",
        "odd name": "string[]",
        "config.lower": "boolean | undefined",
      },
      description: "Splits text",
      blocking: true,
    }),
  ],
};

Deno.test("a module has a typed constant for each template", async () => {
  const { text, path, refused } = await moduleText("text", TEXT);
  assert.deepEqual(refused, []);
  assert.equal(path, "/app/generated/text_pack.ts");
  const body = text.slice(text.indexOf("import"));
  assert.equal(
    body,
    `import type { Template } from "@denizen/runtime";

/** Splits text. It may take a long time. */
export const toTokens: Template<{
  in: { readonly input: string; readonly limit?: number; readonly free?: unknown };
  out: { readonly input: Uint8Array<ArrayBuffer>; readonly "odd name": string[] };
  config: { readonly lower?: boolean };
}> = { id: "text.to_tokens" };
`,
  );
});

Deno.test("the same pack gives the same module, and a change of either is noticed", async () => {
  const { text } = await moduleText("text", TEXT);
  assert.equal((await moduleText("text", structuredClone(TEXT))).text, text);
  assert.ok(await isUpToDate(text, "text", TEXT));
  assert.ok(!await isUpToDate(text, "other", TEXT));
  assert.ok(!await isUpToDate(text.replace("string;", "number;"), "text", TEXT));
  assert.ok(!await isUpToDate(text, "text", { ...TEXT, version: "1.0.1" }));
  assert.ok(!await isUpToDate("", "text", TEXT));
});

Deno.test("a hostile pack cannot put code into the module", async () => {
  const evil = '"; Deno.exit(1); "';
  const pack: PackDescription = {
    name: `a\n${evil}`,
    version: "1\r\nimport 'evil'",
    description: "",
    templates: [
      template(`*/${evil}\u2028`, {
        inports: [evil, "__proto__", "a\nb", "\u2028"],
        outports: ["x"],
        types: { [evil]: "string", x: `string }> = {} as never; ${evil}`, "config.*/": "number" },
        description: `*/ Deno.exit(1) /*\u2028Deno.exit(2)\nDeno.exit(3)`,
      }),
    ],
  };
  const { text, refused } = await moduleText(`b\nDeno.exit(4)`, pack);
  assert.equal(refused.length, 1);
  const source = ts.createSourceFile("a.ts", text, ts.ScriptTarget.Latest);
  assert.deepEqual((source as unknown as { parseDiagnostics: unknown[] }).parseDiagnostics, []);
  assert.deepEqual(source.statements.map(({ kind }) => kind), [
    ts.SyntaxKind.ImportDeclaration,
    ts.SyntaxKind.VariableStatement,
  ]);
  const visit = (node: ts.Node): void => {
    assert.ok(!ts.isCallExpression(node), node.getText(source));
    ts.forEachChild(node, visit);
  };
  visit(source);
});

Deno.test("constants are named after their templates, and never twice or after a word of the language", () => {
  assert.deepEqual(
    templateNames("text", [
      "text.tokenize",
      "text.to_tokens",
      "text.delete",
      "text.Template",
      "other.fix",
      "text.",
      "3d",
    ]),
    ["tokenize", "toTokens", "delete2", "template", "otherFix", "template2", "template3d"],
  );
  assert.deepEqual(templateNames("a", ["a.x-y", "a.xY", "a.HTTP", "a.ärger"]), ["xY", "xY2", "http", "rger"]);
  assert.deepEqual(["text", "my-pack.2", "Ä"].map(packModuleName), [
    "text_pack.ts",
    "my_pack_2_pack.ts",
    "a_pack.ts",
  ]);
});

Deno.test("a module is written once, kept while it is right, and removed only if it was generated", async () => {
  const folder = Deno.makeTempDirSync();
  const file = `${folder}/text_pack.ts`;
  const generate = (more: object = {}) =>
    generatePackModule({ folder, pack: "text", description: TEXT, ...more });
  assert.deepEqual(await generate({ dryRun: true }), { written: true, refused: [] });
  assert.deepEqual(packModulesIn(folder), []);
  assert.equal((await generate()).written, true);
  assert.equal((await generate()).written, false);
  assert.deepEqual(packModulesIn(folder), [file]);
  removePackModule(file);
  Deno.writeTextFileSync(file, "export const mine = 1;\n");
  await assert.rejects(
    generate(),
    /Cannot generate text_pack\.ts as a file that was not generated is in its place/,
  );
  removePackModule(file);
  assert.deepEqual(packModulesIn(folder), []);
  assert.equal(Deno.readTextFileSync(file), "export const mine = 1;\n");
  assert.deepEqual(packModulesIn(`${folder}/nowhere`), []);
});

Deno.test("a module that cannot be written is refused with its place", async () => {
  const folder = `${Deno.makeTempDirSync()}/generated`;
  Deno.writeTextFileSync(folder, "a file, not a folder");
  await assert.rejects(
    generatePackModule({ folder, pack: "text", description: TEXT }),
    /^GenerateError: Cannot generate text_pack\.ts as it cannot be written: .*; make its folder writable$/,
  );
});
