import { type Carrier, PackFault } from "@denizen/pack-sdk";
import { conformance } from "@denizen/pack-sdk/conformance";
import { builtCarriers, instanceOf } from "@denizen/pack-sdk/testing";
import assert from "node:assert/strict";

const refused = (text: RegExp) => (error: unknown) =>
  error instanceof PackFault && error.status === -4 && text.test(error.message);

/** Where the pieces are, by their offsets. */
function piecesOf(input: string, offsets: Int32Array, pieces: string[]): void {
  offsets.forEach((at, i) => assert.equal(input.slice(at, at + pieces[i]!.length), pieces[i]));
}

for (const { kind, file, open } of await builtCarriers(new URL("./", import.meta.url))) {
  const check = (name: string, body: (carrier: Carrier) => void) =>
    Deno.test(`text as ${kind} ${name}`, () => {
      const carrier = open();
      body(carrier);
      carrier.close();
    });
  const run = (carrier: Carrier, template: string, input: unknown, config = {}) =>
    carrier.tick(instanceOf(carrier, `text.${template}`), { input }, JSON.stringify(config));

  check("finds the words of many scripts, and where they stand", (carrier) => {
    const input =
      "Don't panic: it's 3.14 or 1,000 — naïve Straße 東京。 Привет, мир! 😀 a_b (x) O’Neil 'quoted'";
    const { tokens, offsets } = run(carrier, "tokenize", input) as { tokens: string[]; offsets: Int32Array };
    assert.deepEqual(
      tokens,
      "Don't panic it's 3.14 or 1,000 naïve Straße 東 京 Привет мир a_b x O’Neil quoted".split(" "),
    );
    piecesOf(input, offsets, tokens);
  });

  check("makes words small on demand", (carrier) => {
    const { tokens } = run(carrier, "tokenize", "ÄRGER Ünd МИР", { lower: true });
    assert.deepEqual(tokens, ["ärger", "ünd", "мир"]);
  });

  check("finds no words in nothing", (carrier) => {
    for (const input of ["", "  \n", "!?…—"]) {
      assert.deepEqual(run(carrier, "tokenize", input), { tokens: [], offsets: new Int32Array() });
    }
  });

  check("ends sentences where a reader does", (carrier) => {
    const input =
      'Mr. Smith went home. "Really?" she asked. It cost 3.5 euros, e.g. not much! 彼は行った。次の文。\n\nA heading\n\nThe end';
    const { sentences, offsets } = run(carrier, "sentences", input) as {
      sentences: string[];
      offsets: Int32Array;
    };
    assert.deepEqual(sentences, [
      "Mr. Smith went home.",
      '"Really?" she asked.',
      "It cost 3.5 euros, e.g. not much!",
      "彼は行った。",
      "次の文。",
      "A heading",
      "The end",
    ]);
    piecesOf(input, offsets, sentences);
  });

  check("cuts segments that fit, overlap and leave nothing out", (carrier) => {
    const input = Array.from({ length: 200 }, (_, i) => `Sentence number ${i} is here.`).join(" ");
    for (const [size, overlap] of [[64, 0], [100, 30], [1000, 500]] as const) {
      const { segments, offsets } = run(carrier, "segment", input, { size, overlap }) as {
        segments: string[];
        offsets: Int32Array;
      };
      piecesOf(input, offsets, segments);
      assert.ok(segments.every((segment) => segment.length <= size));
      for (let i = 1; i < segments.length; i++) {
        const end = offsets[i - 1]! + segments[i - 1]!.length, gap = input.slice(end, offsets[i]);
        assert.ok(
          offsets[i]! > offsets[i - 1]! && gap.trim() === "",
          `between ${end} and ${offsets[i]}: "${gap}"`,
        );
        assert.ok(end - offsets[i]! <= overlap);
      }
      assert.equal(offsets.at(-1)! + segments.at(-1)!.length, input.length);
    }
  });

  check("cuts a text without spaces, and never through a character", (carrier) => {
    const input = "😀".repeat(500);
    const { segments } = run(carrier, "segment", input, { size: 33 }) as { segments: string[] };
    assert.equal(segments.join(""), input);
    assert.ok(segments.every((segment) => segment.isWellFormed() && segment.length <= 33));
  });

  check("puts similar texts near to each other", (carrier) => {
    const features = (text: string) =>
      run(carrier, "features", text, { dimensions: 256 }).vector as Float32Array;
    const near = (a: string, b: string) => {
      const other = features(b);
      return features(a).reduce((sum, value, i) => sum + value * other[i]!, 0);
    };
    const text = "the quick brown fox jumps over the lazy dog near the river bank at noon";
    assert.ok(Math.abs(near(text, text.toUpperCase()) - 1) < 1e-6);
    assert.ok(near(text, text.replace("jumps", "jumped")) > 0.8);
    assert.ok(near(text, "quarterly revenue grew by nine percent in the northern region") < 0.3);
    assert.deepEqual(features(""), new Float32Array(256));
  });

  check("refuses what is not text, and sizes that make no sense", (carrier) => {
    assert.throws(() => run(carrier, "tokenize", 5), refused(/not a string/));
    assert.throws(() => run(carrier, "segment", "x", { size: 3 }), refused(/"size" is not from 16/));
    assert.throws(() => run(carrier, "segment", "x", { size: 20, overlap: 11 }), refused(/more than half/));
    assert.throws(() => run(carrier, "features", "x", { dimensions: 1 }), refused(/"dimensions" is not/));
  });

  const input = { input: "Hello wörld, it's 3.14. And so on!" };
  const samples = Object.fromEntries(
    ["tokenize", "sentences", "segment", "features"].map((name) => [`text.${name}`, { input }]),
  );
  for (const { name, run } of conformance(file, { samples })) Deno.test(`text as ${kind} ${name}`, run);
}
