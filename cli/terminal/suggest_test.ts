import assert from "node:assert/strict";
import { didYouMean, nearest } from "./suggest.ts";

Deno.test("a swapped, missing, added or wrong letter is a misspelling", () => {
  for (const typed of ["conuter", "counte", "ccounter", "countar", "COUNTER"]) {
    assert.equal(nearest(typed, ["todo", "counter"]), "counter");
  }
});

Deno.test("a very different name is not a misspelling", () => {
  assert.equal(nearest("invoice", ["todo", "counter"]), undefined);
  assert.equal(didYouMean("invoice", ["todo", "counter"]), "known: todo, counter");
  assert.equal(didYouMean("invoice", []), undefined);
});
