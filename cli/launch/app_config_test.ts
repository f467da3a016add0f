import assert from "node:assert/strict";
import { denizen, Folder } from "../_command_line.ts";

const COUNTER = `import { process, type u32 } from "@denizen/macro";

@process({ name: "Counter" })
export class Counter {
  count: u32 = 0;
}
`;

Deno.test("a misspelt setting, or a section that is not an object, is reported with its file", async () => {
  const cases: [unknown, RegExp][] = [
    [
      { pakcs: {} },
      /Cannot use "denizen" of .*deno\.json as there is no such setting: "pakcs"\nhint: .* "packs"\?/,
    ],
    [{ tests: 1 }, /no such setting: "tests"\nhint: known: package, publisher, permissions, packs/],
    ["shop", /Cannot use "denizen" of .*deno\.json as it is not an object: "shop"\nhint: write \{ "package"/],
  ];
  for (const [section, message] of cases) {
    await using folder = await Folder.with({
      "counter.ts": COUNTER,
      "deno.json": JSON.stringify({ denizen: section }),
    });
    const { code, err } = await denizen(["gen", "counter.ts"], { cwd: folder.path });
    assert.equal(code, 1, err);
    assert.match(err, message);
  }
});
