/** The schema next to a generated module equals the model, and is loaded on demand, bundled or not. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { generate } from "../../mod.ts";
import { generatedCase } from "../../testdata/generated_case.ts";

Deno.test("a contract loads the whole model as data, without paths of this machine", async () => {
  for (const name of ["every_type", "recursive", "counter"]) {
    const { contract, model } = await generatedCase(name);
    const schema = await contract.schema();
    const { handlers, types, source, sources, digest, ...process } = model;
    const { generated, format, handlers: byTag, types: byName, ...rest } = schema;
    const plain = (value: unknown) => JSON.parse(JSON.stringify(value));
    assert.equal(format, contract.format);
    assert.match(generated, /from \.\.\/input\.ts\./);
    assert.deepEqual(rest, plain(process));
    assert.deepEqual(Object.values(byTag), plain(handlers));
    assert.deepEqual(Object.keys(byName), types.map((type) => type.name));
    assert.ok(digest && sources.includes(source));
    assert.ok(!JSON.stringify(schema).includes(source));
  }
});

Deno.test("a bundle carries the data of the processes in it", async () => {
  const folder = Deno.makeTempDirSync();
  const path = (name: string) => join(folder, name);
  const deno = async (...args: string[]) => {
    const { success, stdout, stderr } = await new Deno.Command(Deno.execPath(), { args, cwd: folder })
      .output();
    assert.ok(success, new TextDecoder().decode(stderr));
    return new TextDecoder().decode(stdout);
  };
  try {
    Deno.writeTextFileSync(
      path("app.ts"),
      `import { local, process } from "@denizen/macro";
@process({ name: "Quiet one" }) export class Quiet { @local hear(): void {} }`,
    );
    await generate({ apps: [path("app.ts")] });
    Deno.writeTextFileSync(
      path("main.ts"),
      `import { contract } from "./generated/quiet.ts"; console.log((await contract.schema()).name);`,
    );
    const imports = Object.fromEntries(
      ["", "/codec"].map((part) => [`@denizen/macro${part}`, import.meta.resolve(`../../..${part}/mod.ts`)]),
    );
    Deno.writeTextFileSync(path("deno.json"), JSON.stringify({ imports }));
    await deno("bundle", "--quiet", "--platform", "deno", "--output", "out/main.js", "main.ts");
    Deno.removeSync(path("generated"), { recursive: true });
    assert.equal(await deno("run", "--quiet", "out/main.js"), "Quiet one\n");
  } finally {
    Deno.removeSync(folder, { recursive: true });
  }
});
