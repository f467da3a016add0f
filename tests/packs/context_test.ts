/** Packs as a process uses them. */
import assert from "node:assert/strict";
import { host } from "../hosted.ts";
import { builtFixture } from "./built_packs.ts";

for (const mode of ["native", "isolated", "wasm"] as const) {
  Deno.test(`a process calls templates through its context: ${mode}`, async () => {
    const packs = [{ path: await builtFixture(), mode, native: true }];
    await using hosted = await host(["doubling"], { packs });
    const ask = async (body: unknown) =>
      await (await hosted.post("/doubling:tests:denizen.os/api", body)).json();
    assert.equal(await ask({ Double: 21 }), 42);
    assert.deepEqual(
      [await ask({ Count: null }), await ask({ Count: null })],
      [1, 2],
      "the actor is kept from call to call",
    );
    const evicted = await hosted.node.evict("our@doubling:tests:denizen.os");
    assert.equal(evicted, true);
    assert.equal(await ask({ Count: null }), 1, "and not longer than the process is in memory");
    if (mode === "native") return;
    const { error } = await ask({ Trap: null });
    assert.match(error.code, /^pack_(trapped|crashed)$/);
    assert.equal(await ask({ Made: null }), 1, "what the handler changed is undone");
    assert.equal(await ask({ Double: 1 }), 2);
  });
}
