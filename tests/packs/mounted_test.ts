/** Templates as processes of their own, over HTTP and through stubs. */
import { needsCompilers } from "@denizen/pack-sdk/testing";
import { type Template, templateStub, unwrap } from "@denizen/runtime";
import { TestNode } from "@denizen/runtime/testing";
import type { Json } from "@denizen/macro";
import assert from "node:assert/strict";
import { host } from "../hosted.ts";
import { builtFixture, rejects } from "./built_packs.ts";

const needsC = needsCompilers("c");

function mount(name: string, template: string, options: object = {}) {
  return {
    id: `${name}:tests:denizen.os`,
    template: `fixture.${template}`,
    ...options,
  };
}

for (const mode of ["native", "wasm"] as const) {
  Deno.test(
    `templates are processes: values, bytes, state and failures over HTTP, as ${mode}`,
    needsC,
    async () => {
      const processes = [
        mount("doubler", "doubler"),
        mount("reverse", "reverse"),
        mount("fail", "fail"),
        mount("counter", "counter", { config: { step: 5 }, keyed: true }),
      ];
      await using hosted = await host([], {
        packs: [{ path: await builtFixture(), mode, native: true, trusted: true, processes }],
      });
      const run = async (name: string, input: unknown) => {
        const reply = await hosted.post(`/${name}:tests:denizen.os/api`, { Run: input });
        return [reply.status, await reply.json()];
      };
      assert.deepEqual(await run("doubler", { input: 21 }), [200, { output: 42 }]);
      const bytes = new Uint8Array([1, 2, 3]), reversed = new Uint8Array([3, 2, 1]);
      assert.deepEqual(await run("reverse", { input: bytes.toBase64() }), [200, {
        output: reversed.toBase64(),
      }]);
      assert.deepEqual(await run("reverse", { input: [1, 2, 3] }), [200, { output: reversed.toBase64() }]);
      assert.deepEqual(await run("counter.a", {}), [200, { count: 5 }]);
      assert.deepEqual(await run("counter.a", { step: 1 }), [200, { count: 6 }]);
      assert.deepEqual(
        await run("counter.b", {}),
        [200, { count: 5 }],
        "each key has an instance of its own",
      );

      const [status, { error }] = await run("fail", { reason: "too late" });
      assert.deepEqual([status, error.code], [422, "refused"]);
      assert.match(error.message, /too late/);
      const [wrong, { error: unknown }] = await run("doubler", { inputs: 1 });
      assert.deepEqual([wrong, unknown.code], [422, "invalid_argument"]);
      assert.match(unknown.message, /inputs: .*only the inports input/);

      const counter: Template<{ in: { step?: number }; out: { count: number }; config: object }> = {
        id: "fixture.counter",
      };
      const stub = templateStub(counter, hosted.node, "counter.a:tests:denizen.os");
      assert.deepEqual(unwrap(await stub.run({ step: 4 })), { count: 10 });
      assert.equal(
        (await hosted.node.send("doubler:tests:denizen.os", { Run: { input: 2 } })).status,
        "Success",
      );
    },
  );
}

Deno.test(
  "ports of mounted templates are checked over HTTP, in calls and through stubs",
  needsC,
  async () => {
    const processes = [mount("doubler", "doubler"), mount("reverse", "reverse"), mount("scale", "scale")];
    await using hosted = await host([], {
      packs: [{ path: await builtFixture(), trusted: true, processes }],
    });
    const cases: [name: string, input: object, path: RegExp][] = [
      ["doubler", { input: "21" }, /input: expected a finite number, got string "21"/],
      ["doubler", {}, /input: expected a finite number, got/],
      ["doubler", { input: 1, other: 2 }, /other: .*only.*input/],
      ["reverse", { input: "no base64!" }, /input: expected bytes/],
      ["scale", { input: 1 }, /input: expected a list, got number 1/],
      ["scale", { input: [1], factor: [2] }, /factor: expected a finite number/],
    ];
    for (const [name, input, path] of cases) {
      const address = `${name}:tests:denizen.os`;
      const reply = await hosted.post(`/${address}/api`, { Run: input });
      const { error } = await reply.json();
      assert.deepEqual([reply.status, error.code], [422, "invalid_argument"], `${name} over HTTP`);
      assert.match(error.message, path);
      const sent = await hosted.node.send(address, { Run: input as Record<string, Json> });
      assert.throws(() => unwrap(sent), { code: "invalid_argument", message: path }, `${name} by a call`);
      const stub = templateStub({ id: `fixture.${name}` }, hosted.node, address);
      const called = await stub.run(input);
      assert.throws(() => unwrap(called), { code: "invalid_argument", message: path }, `${name} by a stub`);
    }
    const scale = templateStub({ id: "fixture.scale" }, hosted.node, "scale:tests:denizen.os");
    const { output } = unwrap(await scale.run({ input: [new Float32Array([1, 2])] })) as {
      output: unknown[];
    };
    assert.equal(output.length, 1);
  },
);

Deno.test(
  "a node does not start with a mount of an unknown template, nor with a required file that is not a pack",
  needsC,
  async () => {
    const path = await builtFixture();
    const processes = [mount("other", "other")];
    await rejects(
      host([], { packs: [{ path, processes }] }),
      "unknown_template",
      /Cannot make other:.* but fixture\..*: fixture\.other$/,
    );
    await rejects(host([], { packs: [{ path: "/none.pack" }] }), "pack_unreadable", /none.pack/);
    await using hosted = await host([], { packs: [{ path: "/none.pack", optional: true }] });
    const [line] = hosted.log.filter(({ level }) => level === "error");
    assert.equal(line?.message, "a pack was not loaded");
  },
);

Deno.test("a test node has packs, after a crash too", needsC, async () => {
  const packs = [{ path: await builtFixture(), trusted: true, processes: [mount("doubler", "doubler")] }];
  await using node = await TestNode.start([], { packs });
  await node.crash();
  await node.restart();
  const answer = await node.send("doubler:tests:denizen.os", { Run: { input: 3 } });
  assert.deepEqual(unwrap(answer), { output: 6 });
});

Deno.test(
  "a mounted template's instance ends with its process, and follows a reload of the pack",
  needsC,
  async () => {
    const processes = [mount("counter", "counter", { keyed: true })];
    await using hosted = await host([], {
      packs: [{ path: await builtFixture(), trusted: true, processes }],
    });
    const { node } = hosted, packs = node.packs;
    const count = async (key: string) =>
      unwrap(await node.send(`counter.${key}:tests:denizen.os`, { Run: {} }));
    assert.deepEqual([await count("a"), await count("a"), await count("b")], [
      { count: 1 },
      { count: 2 },
      { count: 1 },
    ]);
    assert.equal(packs.list()[0]?.instances, 2);
    assert.equal(await node.evict("our@counter.a:tests:denizen.os"), true);
    await new Promise((resolve) => setTimeout(resolve, 0));
    assert.equal(packs.list()[0]?.instances, 1, "without waiting for the garbage collector");
    assert.deepEqual(await count("a"), { count: 1 });
    await packs.reload("fixture");
    assert.equal(packs.list()[0]?.instances, 0);
    assert.deepEqual([await count("a"), packs.list()[0]?.instances], [{ count: 1 }, 1]);
  },
);
