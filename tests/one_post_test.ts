/** How many files one message walks through. */
import { startNode } from "@denizen/runtime";
import assert from "node:assert/strict";
import * as path from "node:path";
import { ExecutedFiles } from "./executed_files.ts";
import { ROOT } from "./tidy/source_tree.ts";

/** It may only shrink: each file is one more that a reader has to open to follow a message. */
const FILES_MAX = 31;

Deno.test("the files that one tagged POST to an active durable process executes are few and named", async () => {
  const data = await Deno.makeTempDir();
  try {
    await using node = await startNode({ apps: [path.join(ROOT, "examples/01_counter")], data, port: 0 });
    const increment = async (count: number) => {
      const reply = await fetch(`${node.url}/counter:examples:denizen.os/api`, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: '{"Increment":1}',
      });
      assert.equal(await reply.json(), count);
    };
    for (let count = 1; count <= 20; count++) await increment(count);
    using executed = await ExecutedFiles.start();
    await increment(21);
    await executed.take();
    await increment(22);
    const files = (await executed.take()).filter((file) => /^(macro|runtime)\//.test(file));
    assert.ok(files.includes("runtime/http/gateway.ts"), "calls are counted");
    assert.ok(
      files.length <= FILES_MAX,
      `Merge files that are only understood together. ${files.length} files execute:\n  ${
        files.join("\n  ")
      }`,
    );
    const architecture = Deno.readTextFileSync(path.join(ROOT, "ARCHITECTURE.md"));
    const unnamed = files.filter((file) => !architecture.includes(`\`${file}\``));
    assert.deepEqual(unnamed, [], "Name these files in the life of one message in ARCHITECTURE.md.");
  } finally {
    await Deno.remove(data, { recursive: true });
  }
});
