import { conformance } from "@denizen/pack-sdk/conformance";
import { builtCarriers, instanceOf } from "@denizen/pack-sdk/testing";
import assert from "node:assert/strict";

for (const { kind, file, open } of await builtCarriers(new URL("./", import.meta.url))) {
  Deno.test(`hello as ${kind} counts in each instance for itself`, () => {
    const carrier = open();
    const one = instanceOf(carrier, "hello.counter"), two = instanceOf(carrier, "hello.counter");
    assert.deepEqual(carrier.tick(one, {}), { count: 1 });
    assert.deepEqual(carrier.tick(one, { step: 4 }), { count: 5 });
    assert.deepEqual(carrier.tick(two, {}), { count: 1 });
    carrier.close();
  });

  for (const { name, run } of conformance(file)) Deno.test(`hello as ${kind} ${name}`, run);
}
