/**
 * Tokens per second in plain TypeScript, over the same prose, as lists of words and offsets. The arguments
 * are the way, `segmenter` (`Intl.Segmenter`) or `regexp`, and how many times 64 Ki UTF-16 units.
 */
import { prose } from "../packs/prose.ts";
import { secondsOf } from "../timed.ts";

interface Tokens {
  readonly tokens: string[];
  readonly offsets: number[];
}

const segmenter = new Intl.Segmenter("en", { granularity: "word" });
/** Words with apostrophes in them, numbers with points in them. */
const TOKEN = /\d+(?:[.,]\d+)*|[\p{L}\p{N}_]+(?:['’·][\p{L}\p{N}_]+)*/gu;

const WAYS: Readonly<Record<string, (text: string) => Tokens>> = {
  segmenter(text) {
    const tokens: string[] = [], offsets: number[] = [];
    for (const { segment, index, isWordLike } of segmenter.segment(text)) {
      if (!isWordLike) continue;
      tokens.push(segment);
      offsets.push(index);
    }
    return { tokens, offsets };
  },
  regexp(text) {
    const tokens: string[] = [], offsets: number[] = [];
    TOKEN.lastIndex = 0;
    for (let match = TOKEN.exec(text); match; match = TOKEN.exec(text)) {
      tokens.push(match[0]);
      offsets.push(match.index);
    }
    return { tokens, offsets };
  },
};

const TEXT = prose(2 ** 16);
const [way, count] = [WAYS[Deno.args[0]], Number(Deno.args[1])];
let found = 0;
const seconds = await secondsOf(count, (count) => {
  for (let done = 0; done < count; done++) found = way(TEXT).tokens.length;
});
console.log(count * found / seconds);
Deno.exit();
