/**
 * What a handler leaves as state can be read back as it was, or that handler fails and leaves nothing (G4).
 */
import assert from "node:assert/strict";
import { define, type SendResult } from "@denizen/runtime";
import { TestNode } from "@denizen/runtime/testing";
import { type Change, Gallery } from "../../tests/apps/gallery.ts";
import { contract, localRpc } from "../../tests/apps/generated/gallery.ts";
import { POLICIES, withSave } from "../../tests/definitions.ts";

const definition = define(Gallery, contract);

function told(answer: SendResult<unknown>): unknown {
  return answer.status === "Success" ? answer.value : `${answer.error.code}: ${answer.error.message}`;
}

const REFUSED: Record<Change, RegExp> = {
  share: /\/selected: expected an object of its own, got the one at \/pictures\/0: store a copy/,
  "map key": /\/scores\/0\/0: expected an object of its own, got the one at \/pictures\/0:/,
  levels: /\/root\/.*of its own/,
  cycle: /\/root\/left: expected no cycle, got what contains it, \/root: store a key that leads there/,
  "close numbers": /\/sizes\/1: expected each value once, got number 0\.1/,
  "close keys": /\/prices\/1: expected each key once/,
  instance: /\/pictures\/2: expected Picture, got an instance of Painting, not a plain object/,
};

for (const save of POLICIES) {
  Deno.test(`a state that could not be read back fails the handler that made it: ${save.kind}`, async () => {
    await using node = await TestNode.start([withSave(definition, save)]);
    const gallery = localRpc(node, "g");
    const before = told(await gallery.show());
    for (const [change, text] of Object.entries(REFUSED)) {
      const answer = told(await gallery.change(change as Change)) as string;
      assert.match(
        answer,
        /^state_invalid: Cannot keep the state of gallery\.g:tests:denizen\.os as it is invalid: /,
      );
      assert.match(answer, text);
      assert.equal(told(await gallery.show()), before, `${change} left a trace`);
    }
  });
}

Deno.test("elements of a tuple keep their places over a restart", async () => {
  await using node = await TestNode.start([definition]);
  const gallery = localRpc(node, "g");
  await gallery.setSecond(2);
  const before = told(await gallery.show());
  assert.match(before as string, /\[null,2\]\]$/);
  await node.crash();
  await node.restart();
  assert.equal(told(await gallery.show()), before);
});

Deno.test("a reply may share its parts; one without end is refused with its path", async () => {
  await using node = await TestNode.start([definition]);
  const gallery = localRpc(node, "g");
  assert.deepEqual(told(await gallery.twice()), [{ title: "a" }, { title: "a" }]);
  assert.match(
    told(await gallery.endless()) as string,
    /^reply_invalid: .*right\/right.*at most 1000 levels/,
  );
  assert.match(told(await gallery.wide(60)) as string, /^reply_invalid: .*at most 4000000 values/);
});
