import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { findTool } from "./build/tool.ts";

const cargo = findTool(["cargo"], "CARGO");
if (!cargo && Deno.env.get("CI") === "true") {
  throw new Error("The Rust crate is not tested: there is no cargo");
}

Deno.test({
  name: "the Rust crate and the example of its documentation pass their tests",
  ignore: !cargo,
  async fn() {
    const cwd = fileURLToPath(new URL("./rust/", import.meta.url));
    const { success, stdout, stderr } = await new Deno.Command(cargo!, { args: ["test", "--locked"], cwd })
      .output();
    assert.ok(success, new TextDecoder().decode(stdout) + new TextDecoder().decode(stderr));
  },
});
