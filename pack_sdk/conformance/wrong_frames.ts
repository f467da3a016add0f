/** Malformed frames, written by hand and generated at random. */
import { frameOf } from "./sample.ts";

/** Frames that must not reach an actor. */
export function wrongFrames(): [name: string, frame: Uint8Array][] {
  const eight = new Uint8Array(8);
  const reference = (pair: string, name = "$bytes") =>
    frameOf(`{"input":{"input":{"${name}":${pair}}}}`, eight);
  return [
    ["nothing at all", new Uint8Array()],
    ["three bytes", new Uint8Array(3)],
    ["no JSON", frameOf("")],
    ["JSON longer than the frame", frameOf("{}", undefined, 3)],
    ["JSON of 4 GiB", frameOf("{}", undefined, 0xffff_ffff)],
    ["JSON that ends too early", frameOf('{"input":{"a":1}')],
    ["JSON with something behind it", frameOf('{"input":{}}x')],
    ["a list", frameOf("[]")],
    ["a number", frameOf("1")],
    ["an input that is a list", frameOf('{"input":[]}')],
    ["an input that is an attachment", frameOf('{"input":{"$bytes":[0,8]}}', eight)],
    ["a trailing comma", frameOf('{"input":{"a":1,}}')],
    ["no colon", frameOf('{"input":{"a" 1}}')],
    ["no comma", frameOf('{"input":{"a":1 "b":2}}')],
    ["a key that is not text", frameOf('{"input":{1:1}}')],
    ["a list that ends as an object", frameOf('{"input":{"a":[1}}}')],
    ["single quotes", frameOf("{'input':{}}")],
    ["a leading zero", frameOf('{"input":{"a":01}}')],
    ["NaN", frameOf('{"input":{"a":NaN}}')],
    ["a control character in a string", frameOf('{"input":{"a":"\n"}}')],
    ["half an escape", frameOf('{"input":{"a":"\\u12"}}')],
    ["100,000 open brackets", frameOf('{"input":{"a":' + "[".repeat(100_000))],
    ["an attachment behind the end", reference("[0,9]")],
    ["an attachment that starts behind the end", reference("[16,1]")],
    ["an attachment that wraps around", reference("[8,18446744073709551615]", "$f64")],
    ["an attachment of many elements", reference("[0,4294967295]", "$f64")],
    ["an attachment that is not aligned", reference("[4,4]")],
    ["an attachment before the start", reference("[-8,8]")],
    ["an attachment with half an offset", reference("[0.5,1]")],
    ["an attachment that is not a pair", reference("[0]")],
    ["an attachment that is a text", reference('"0,8"')],
    ["an attachment without a frame for it", frameOf('{"input":{"input":{"$bytes":[0,1]}}}')],
    ["an attachment hidden by an escape", frameOf('{"input":{"input":{"\\u0024bytes":[0,99]}}}', eight)],
  ];
}

/** Bytes that are not UTF-8. */
export const NOT_UTF8: readonly number[][] = [[0xff], [0xc0, 0x80], [0xe2, 0x82], [0xed, 0xa0, 0x80], [
  0xf5,
  0x80,
  0x80,
  0x80,
]];

export function notUtf8(bytes: readonly number[]): Uint8Array {
  const before = new TextEncoder().encode('{"input":{"a":"'), after = new TextEncoder().encode('"}}');
  return frameOf(new Uint8Array([...before, ...bytes, ...after]));
}

/** The bytes of a valid frame, with a few changed. */
export function mutate(frame: Uint8Array, random: () => number): Uint8Array {
  const mutant = frame.slice(0, random() < 0.2 ? Math.floor(random() * frame.length) : frame.length);
  for (let changes = 1 + Math.floor(random() * 4); changes > 0 && mutant.length > 0; changes--) {
    const at = Math.floor(random() * mutant.length), structure = '{}[]",:\\$0123456789-.eE tfn';
    mutant[at] = random() < 0.5
      ? Math.floor(random() * 256)
      : structure.charCodeAt(Math.floor(random() * structure.length));
  }
  return mutant;
}
