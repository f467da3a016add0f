import assert from "node:assert/strict";
import { Folder, post, processModule, Serving } from "../_command_line.ts";
import type { App } from "./app_config.ts";
import { withoutComments } from "./app_config.ts";
import { launchConfig } from "./launch_file.ts";

Deno.test("apps with different versions of a library share a node", async () => {
  const label = (library: string) =>
    `import * as library from "${library}";\n` +
    processModule("Label", "@http names(): string[] { return Object.keys(library).slice(0, 9); }");
  await using folder = await Folder.with({
    "one/deno.jsonc": `{
      // This "hono" is not the one that the node uses.
      "imports": { "hono": "npm:nanoid@5.1.5", "~/": "./src/", },
      "denizen": { "package": "one", "publisher": "me.os" },
    }`,
    "one/src/text.ts": 'export const text = "from the app";',
    "one/label.ts": label("hono").replace("Object.keys", "[text].concat(Object.keys").replace(
      ".slice",
      ").slice",
    )
      .replace(/^/, 'import { text } from "~/text.ts";\n'),
    "two/deno.json": '{ "imports": { "hono": "npm:nanoid@5.1.4" }, "denizen": { "package": "two" } }',
    "two/label.ts": label("hono"),
  });
  await using node = new Serving(["run", "one", "two"], { cwd: folder.path });
  const { processes } = await node.ready();
  const [one, two] = processes.map(({ urls }) => urls[0]!);
  const first = await post(one!, "Names") as string[];
  assert.equal(first[0], "from the app");
  assert.ok(first.includes("nanoid"));
  assert.ok((await post(two!, "Names") as string[]).includes("nanoid"));
});

Deno.test("an app without a deno.json is a package with the name of its folder", async () => {
  await using folder = await Folder.with({
    "tally/counter.ts": processModule("Counter", "@http zero(): u32 { return 0; }"),
  });
  await using node = new Serving(["run", "tally"], { cwd: folder.path });
  const { processes } = await node.ready();
  assert.equal(processes[0]!.id, "counter:tally:local");
});

Deno.test("the import map of an app applies in its folder only and cannot replace that of Denizen", () => {
  const config = (folder: string, imports: Record<string, string>, more: object = {}) => ({
    file: `${folder}/deno.json`,
    folder,
    imports,
    scopes: {},
    compilerOptions: {},
    ...more,
  });
  const outer = config("/w", { zod: "npm:zod@4.0.0", a: "./a.ts" }, {
    compilerOptions: { jsx: "react-jsx", strict: false },
  });
  const inner = config("/w/app", { zod: "npm:zod@3.0.0", "@denizen/runtime": "./fake.ts" }, {
    scopes: { "./old/": { zod: "npm:zod@2.0.0" } },
  });
  const app: App = { file: "/w/app/app.ts", root: "/w/app", configs: [inner, outer] };
  const checkout = { root: "/d", imports: { hono: "npm:hono@4.0.0" }, folders: [] };
  const { imports, scopes, compilerOptions } = launchConfig([app], checkout, {});
  assert.match(imports["@denizen/runtime"]!, /runtime\/mod\.ts$/);
  assert.deepEqual(scopes, {
    "file:///w/app/": { zod: "npm:zod@3.0.0" },
    "file:///w/app/old/": { zod: "npm:zod@2.0.0" },
    "file:///w/": { zod: "npm:zod@4.0.0", a: "file:///w/a.ts" },
    "file:///d/": { hono: "npm:hono@4.0.0" },
  });
  assert.deepEqual(compilerOptions, { jsx: "react-jsx" });
});

Deno.test("comments and trailing commas are removed from a configuration, but not inside strings", () => {
  const text = '{ "a": "http://x/*no*/", /* one, */ "b": [1, 2, // two\n ], "c": "\\\\" , }';
  assert.deepEqual(JSON.parse(withoutComments(text)), { a: "http://x/*no*/", b: [1, 2], c: "\\" });
});
