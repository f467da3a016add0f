import assert from "node:assert/strict";
import { didYouMean, nearest } from "./suggest.ts";

Deno.test("a swapped, missing, added or wrong letter is near", () => {
  for (const typed of ["conuter", "counte", "ccounter", "countar", "COUNTER"]) {
    assert.equal(nearest(typed, ["todo", "counter"]), "counter");
  }
});

Deno.test("a name that shares little with the others is not near", () => {
  assert.equal(nearest("invoice", ["todo", "counter"]), undefined);
  assert.equal(didYouMean("invoice", ["todo", "counter"]), "there is todo, counter");
  assert.equal(didYouMean("invoice", []), undefined);
});
