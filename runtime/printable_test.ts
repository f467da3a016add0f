import assert from "node:assert/strict";
import { escapeUnprintable, isPrintable, withoutUnprintable } from "./printable.ts";

Deno.test("text that a terminal acts on, that turns its direction or that begins a line is unprintable", () => {
  for (const odd of ["\n", "\x1b", "\x7f", "\x85", "\u061c", "\u200f", "\u202e", "\u2069", "\u2028"]) {
    const text = `a${odd}b`;
    assert.equal(isPrintable(text), false, JSON.stringify(odd));
    assert.equal(withoutUnprintable(`${text}${odd}`), "a b");
    assert.equal(JSON.parse(`"${escapeUnprintable(text)}"`), text);
  }
  for (const text of ["", "plain", "naïve 日本 😀"]) {
    assert.deepEqual([isPrintable(text), withoutUnprintable(text), escapeUnprintable(text)], [
      true,
      text,
      text,
    ]);
  }
});
