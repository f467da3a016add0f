/** Templates over text. Offsets count UTF-16 units, as JavaScript's strings do. */
import { Actor, Kind, pack, Tick } from "@denizen/pack-sdk/assemblyscript/pack";
import { fillFeatures } from "./features";
import { segmentsIn, sentencesIn } from "./sentences";
import { wordsIn } from "./words";

/** Writes the pieces of a text between pairs of offsets, and their starts. */
function putPieces(tick: Tick, port: string, text: string, places: i32[], lower: bool): void {
  const offsets = new Int32Array(places.length / 2);
  tick.openList(port);
  for (let i = 0; i < places.length; i += 2) {
    offsets[i / 2] = places[i];
    if (lower) tick.put("", text.substring(places[i], places[i + 1]).toLowerCase());
    else tick.putPart("", text, places[i], places[i + 1]);
  }
  tick.close();
  tick.put("offsets", offsets);
}

abstract class TextActor extends Actor {
  run(tick: Tick): void {
    const input = tick.input("input");
    if (input.kind != Kind.Text) return tick.fail("Cannot read the text as the input is not a string");
    this.read(tick, input.text());
  }

  abstract read(tick: Tick, text: string): void;
}

class Tokenize extends TextActor {
  read(tick: Tick, text: string): void {
    putPieces(tick, "tokens", text, wordsIn(text), tick.config("lower").bool());
  }
}

class Sentences extends TextActor {
  read(tick: Tick, text: string): void {
    putPieces(tick, "sentences", text, sentencesIn(text), false);
  }
}

class Segment extends TextActor {
  read(tick: Tick, text: string): void {
    const size = tick.config("size").integer(1000), overlap = tick.config("overlap").integer(0);
    if (size < 16 || size > 1 << 24) return tick.fail('Cannot segment as config "size" is not from 16 to 16777216');
    if (overlap < 0 || overlap > size / 2) return tick.fail('Cannot segment as config "overlap" is more than half of the size');
    putPieces(tick, "segments", text, segmentsIn(text, <i32> size, <i32> overlap), false);
  }
}

class Features extends TextActor {
  read(tick: Tick, text: string): void {
    const dimensions = tick.config("dimensions").integer(256);
    if (dimensions < 16 || dimensions > 4096) return tick.fail('Cannot make a vector as config "dimensions" is not from 16 to 4096');
    const places = wordsIn(text), words: string[] = [];
    for (let i = 0; i < places.length; i += 2) words.push(text.substring(places[i], places[i + 1]).toLowerCase());
    fillFeatures(tick.floats("vector", <i32> dimensions), words);
  }
}

pack("text", "1.0.0")
  .template("text.tokenize", () => new Tokenize(), "input: string", "tokens: string[], offsets: Int32Array", "Splits text into words", "lower?: boolean")
  .template("text.sentences", () => new Sentences(), "input: string", "sentences: string[], offsets: Int32Array", "Splits text into sentences")
  .template("text.segment", () => new Segment(), "input: string", "segments: string[], offsets: Int32Array", "Splits text into pieces of a certain size that end where a sentence or a word does", "size?: number, overlap?: number")
  .template("text.features", () => new Features(), "input: string", "vector: Float32Array", "Turns text into a vector of length 1: similar texts are near", "dimensions?: number");
