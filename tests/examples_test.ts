/**
 * Every numbered folder of `examples/` is a program that runs with minimal permissions and asserts what it
 * shows.
 */
import assert from "node:assert/strict";
import * as path from "node:path";
import { examplePacks } from "./example_packs.ts";

const ROOT = path.join(import.meta.dirname!, "..");
const EXAMPLES = path.join(ROOT, "examples");

/** An example that takes longer hangs. */
const EXAMPLE_MS_MAX = 60_000;

const folders = [...Deno.readDirSync(EXAMPLES)]
  .filter(({ name, isDirectory }) => isDirectory && /^\d/.test(name))
  .map(({ name }) => name).sort();

async function runExample(folder: string): Promise<{ code: number; output: string; errors: string }> {
  const temporary = await Deno.makeTempDir({ prefix: "example_" });
  try {
    const command = new Deno.Command(Deno.execPath(), {
      args: [
        "run",
        "--no-prompt",
        "--quiet",
        "--allow-net=127.0.0.1",
        `--allow-read=${ROOT},${temporary}`,
        `--allow-write=${temporary}`,
        path.join(EXAMPLES, folder, "main.ts"),
      ],
      cwd: ROOT,
      signal: AbortSignal.timeout(EXAMPLE_MS_MAX),
      env: { TMPDIR: temporary, NO_COLOR: "1" },
    });
    const { code, stdout, stderr } = await command.output();
    return { code, output: new TextDecoder().decode(stdout), errors: new TextDecoder().decode(stderr) };
  } finally {
    await Deno.remove(temporary, { recursive: true });
  }
}

Deno.test("there are examples, and their numbers have no gap", () => {
  assert.ok(folders.length > 0);
  assert.deepEqual(folders.map((name) => Number(name.split("_")[0])), folders.map((_, index) => index + 1));
});

for (const folder of folders) {
  const { missing } = await examplePacks(folder, ["wasm"]);
  const ignore = missing !== undefined && !Deno.env.get("CI");
  Deno.test({
    name: `example ${folder} says what it shows, asserts it and ends with ok`,
    ignore,
    fn: async () => {
      assert.equal(missing, undefined);
      const text = await Deno.readTextFile(path.join(EXAMPLES, folder, "main.ts"));
      assert.match(text, /^\/\*\*\n? \*? ?Shows /, "main.ts opens with a comment that starts with Shows");
      const beforeLastLine = text.trimEnd().split("\n").slice(0, -1).join("\n");
      assert.match(beforeLastLine, /^ *assert\.\w+\(/m, "main.ts asserts before its last line");

      const { code, output, errors } = await runExample(folder);
      assert.equal(code, 0, `it ended with ${code}, after at most ${EXAMPLE_MS_MAX} ms:\n${output}${errors}`);
      assert.match(
        output.trimEnd().split("\n").at(-1)!,
        /^ok: /,
        "the last line it prints says that all is well",
      );
    },
  });
}
