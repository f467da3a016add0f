/**
 * What work costs in a pack, through the node's own pack table, native and in WebAssembly: a small tick, a
 * MiB of bytes, loading, an idle instance, and the work that the project's packs do.
 *
 * Measured: actors on the carrier that the figure names, trusted, each call awaited before the next; our
 * peers in a process of their own with the same input. `vector.index` declares that it may take long and so
 * runs off-thread, as always; everything else runs on the node's thread. Not measured: packs in a worker or
 * in a child process, concurrent calls, and the first call, except in the figure that names it.
 */
import { output, Unavailable } from "./child.ts";
import type { Comparison, Peer } from "./compare.ts";
import type { Bound } from "./figure.ts";
import { builtCrate, builtModule, builtPack } from "./packs/built.ts";
import type { PayloadName } from "./packs/payload.ts";
import type { Scale } from "./scale.ts";
import { lineOfDenoChild } from "./server.ts";

type Carrier = "native" | "wasm";

const CARRIERS: readonly Carrier[] = ["native", "wasm"];

const FIXTURE = "packs/fixture";

/** Native code, and memory that can be measured. */
const FLAGS = ["--allow-ffi", "--v8-flags=--expose-gc"];

const atLeast = (value: number): Bound => ({ direction: "at least", value });
const atMost = (value: number): Bound => ({ direction: "at most", value });

export function comparisons(scale: Scale): Comparison[] {
  return [
    ...ticks(scale, "object"),
    ...ticks(scale, "text"),
    ...CARRIERS.flatMap((carrier) => attachments(scale, carrier)),
    ...loads(scale),
    ...CARRIERS.flatMap((carrier) => instances(scale, carrier)),
    ...CARRIERS.map((carrier) => search(scale, carrier)),
    ...CARRIERS.map((carrier) => hash(scale, carrier)),
    ...CARRIERS.map((carrier) => compress(scale, carrier)),
    tokens(scale),
  ];
}

/** Our side: a program of `packs/` in a fresh process, which gets the carrier and its file as arguments. */
function ours(program: string, folder: string, carrier: Carrier, args: readonly (string | number)[]) {
  return {
    name: carrier,
    measure: async () => {
      const file = await builtPack(folder, carrier);
      const line = await lineOfDenoChild(
        program,
        `packs/${program}.ts`,
        [carrier, file, ...args.map(String)],
        FLAGS,
      );
      return Number(line);
    },
  };
}

/** A program of `peers/` in a fresh process. `files` are compiled first. */
function peer(
  name: string,
  program: string,
  args: readonly (string | number)[],
  file?: () => Promise<string>,
  goal?: Bound,
): Peer {
  const measure = async () => {
    const first = file ? [await file()] : [];
    return Number(await lineOfDenoChild(name, `peers/${program}.ts`, [...first, ...args.map(String)], FLAGS));
  };
  return { name, measure, goal };
}

/** Tiny runs skip peers that download something or take long to compile. */
function unlessTiny(scale: Scale, peer: Peer): Peer {
  if (!scale.tiny) return peer;
  return { ...peer, measure: () => Promise.reject(new Unavailable("a tiny run installs nothing")) };
}

function ticks(scale: Scale, payload: PayloadName): Comparison[] {
  const common = { subject: "pack", unit: "ticks/s" };
  const figure = (carrier: Carrier) => `ticks of 64 bytes of JSON, one ${payload}, ${carrier}`;
  const args = [payload, scale.ticks];
  const symbol = () => builtPack(FIXTURE, "native");
  const plugin = peer("extism", "extism", args, () => builtModule("extism_echo"), atLeast(8));
  return [{
    ...common,
    figure: figure("native"),
    ours: ours("ticks", FIXTURE, "native", args),
    peers: [peer("the symbol by hand", "raw_symbol", args, symbol, atLeast(0.5))],
  }, {
    ...common,
    figure: figure("wasm"),
    ours: ours("ticks", FIXTURE, "wasm", args),
    peers: [unlessTiny(scale, plugin)],
  }];
}

function attachments(scale: Scale, carrier: Carrier): Comparison[] {
  const goal = atMost(carrier === "native" ? 1.3 : 2.2);
  const { largeTicks } = scale;
  const copy = (goal?: Bound) => peer("one copy", "copy", ["copy", largeTicks], undefined, goal);
  const anew = peer("one copy to new memory", "copy", ["slice", largeTicks]);
  const byHand: Peer = {
    name: "copied, added by hand",
    goal,
    measure: async () => {
      const library = await builtPack(FIXTURE, "native");
      return Number(
        await lineOfDenoChild("copy", "peers/copy.ts", ["sum", String(largeTicks), library], FLAGS),
      );
    },
  };
  const figure = (template: string, what: string, peers: Peer[]): Comparison => ({
    subject: "pack",
    figure: `1 MiB ${what}, ${carrier}`,
    unit: "µs",
    ours: ours("attachment", FIXTURE, carrier, [template, scale.largeTicks]),
    peers,
  });
  return [
    figure("fixture.length", "handed over and not looked at", [copy(goal)]),
    figure("fixture.sum", "handed over and added up", [byHand, copy()]),
    figure("fixture.echo", "there and back", [anew]),
  ];
}

function loads(scale: Scale): Comparison[] {
  const load = (kind: "first" | "median", figure: string): Comparison => ({
    subject: "pack",
    figure: `${figure}, from its file to the first answer`,
    unit: "ms",
    goal: atMost(5),
    ours: ours("load", HUNDRED, "wasm", [kind, "hundred.echo", scale.loads]),
    peers: [
      peer("WebAssembly.instantiate", "instantiate", [kind, scale.loads], () => builtPack(HUNDRED, "wasm")),
    ],
  });
  return [
    load("median", "a WebAssembly pack of 100 KB"),
    load("first", "the first pack of a process, WebAssembly of 100 KB"),
  ];
}

const HUNDRED = "bench/packs/hundred";

function instances(scale: Scale, carrier: Carrier): Comparison[] {
  return (["resident", "heap"] as const).map((kind) => ({
    subject: "pack",
    figure: `${
      kind === "heap" ? "JavaScript heap" : "resident memory"
    } of one actor of ${scale.instances}, ${carrier}`,
    unit: "bytes",
    goal: atMost(1_024),
    ours: ours("instances", FIXTURE, carrier, [kind, scale.instances]),
    peers: [],
  }));
}

function search(scale: Scale, carrier: Carrier): Comparison {
  const args = [scale.vectors, scale.searches];
  return {
    subject: "pack",
    figure: `the 10 nearest of ${scale.vectors} vectors of 256 floats, ${carrier}`,
    unit: "searches/s",
    ours: ours("search", "packs/vector", carrier, args),
    peers: [peer("plain TypeScript", "plain_search", args, undefined, atLeast(4))],
  };
}

function hash(scale: Scale, carrier: Carrier): Comparison {
  const measure = async () => {
    const program = await builtCrate("blake3", "blake3-throughput");
    return Number(await output("blake3", program, [String(scale.hashed)]));
  };
  return {
    subject: "pack",
    figure: `BLAKE3 of 1 MiB, ${carrier}`,
    unit: "MiB/s",
    ours: ours("hash", "packs/hash", carrier, [scale.hashed]),
    peers: [unlessTiny(scale, {
      name: "the crate, native",
      measure,
      goal: carrier === "native" ? atLeast(0.9) : undefined,
    })],
  };
}

function compress(scale: Scale, carrier: Carrier): Comparison {
  return {
    subject: "pack",
    figure: `zstd of 1 MiB of prose at level 3, ${carrier}`,
    unit: "MiB/s",
    ours: ours("compress", "packs/compress", carrier, [scale.mebibytes]),
    peers: [peer("node:zlib", "zlib_zstd", [scale.mebibytes])],
  };
}

function tokens(scale: Scale): Comparison {
  return {
    subject: "pack",
    figure: "words of prose with their offsets, wasm",
    unit: "tokens/s",
    ours: ours("tokens", "packs/text", "wasm", [scale.mebibytes]),
    peers: ["segmenter", "regexp"].map((way) =>
      peer(way === "segmenter" ? "Intl.Segmenter" : "a regular expression", "tokens", [way, scale.mebibytes])
    ),
  };
}
