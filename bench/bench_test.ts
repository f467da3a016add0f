import assert from "node:assert/strict";
import { bench } from "./main.ts";
import { median } from "./compare.ts";
import type { Figure } from "./figure.ts";
import { jsonLine, textBlock } from "./report.ts";
import { TINY } from "./scale.ts";

const FIGURES = { http: 6, call: 1, node: 3, pack: 23 };

for (const [subject, count] of Object.entries(FIGURES)) {
  Deno.test(`a tiny run of ${subject} measures each of its figures`, async () => {
    const lines: string[] = [];
    const notes: string[] = [];
    const print = (line: string) => void lines.push(line);
    await bench(subject, { json: true, scale: TINY, only: "" }, print, (note) => void notes.push(note));
    const figures = lines.map((line) => JSON.parse(line) as Figure);
    const left = notes.filter((note) => note.includes(" skipped: there is no "));
    assert.equal(
      figures.length + left.length,
      count,
      "a figure that is left out says which compiler there is not",
    );
    for (const figure of figures) {
      assert.deepEqual(Object.keys(figure), ["subject", "figure", "unit", "ours", "peers", "ratios"]);
      assert.equal(figure.subject, subject);
      assert.ok(figure.unit === "bytes" || figure.ours > 0, `${figure.figure} is ${figure.ours}`);
      assert.deepEqual(Object.keys(figure.ratios), Object.keys(figure.peers));
    }
    assert.ok(notes.every((note) => note.includes("skipped: ")), notes.join("\n"));
  });
}

const FIGURE: Figure = {
  subject: "call",
  figure: "calls",
  unit: "calls/s",
  ours: 1_234_567.8,
  peers: { other: 1_000_000 },
  ratios: { other: 1.2345678 },
  goal: { direction: "at least", value: 600_000 },
  ratioGoals: { other: { direction: "at least", value: 2 } },
  skipped: {},
};

Deno.test("the line for programs has the agreed fields and no more digits than mean something", () => {
  assert.equal(
    jsonLine(FIGURE),
    '{"subject":"call","figure":"calls","unit":"calls/s","ours":1234568,"peers":{"other":1000000},"ratios":{"other":1.23}}',
  );
});

Deno.test("the text for people says which goals are reached", () => {
  const [title, ours, other] = textBlock(FIGURE).split("\n");
  assert.equal(title, "call · calls");
  assert.match(ours, /denizen\s+1,234,568 calls\/s\s+\(reaches at least 600,000\)/);
  assert.match(other, /other\s+1,000,000 calls\/s\s+ours is 1.23 x\s+\(MISSES at least 2 x\)/);
});

Deno.test("the median of an even number of rounds is the mean of the middle two", () => {
  assert.equal(median([9, 1, 3, 5]), 4);
  assert.equal(median([9, 1, 3]), 3);
});
