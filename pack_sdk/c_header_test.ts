/**
 * The C side under sanitizers: memory, undefined behaviour, races, and numbers against those of the C
 * library.
 */
import assert from "node:assert/strict";
import * as path from "node:path";
import { fileURLToPath } from "node:url";
import { findTool } from "./build/tool.ts";
import { chance, encodeSample, frameOf, type Sample } from "./conformance/sample.ts";
import { mutate, NOT_UTF8, notUtf8, wrongFrames } from "./conformance/wrong_frames.ts";

const HERE = fileURLToPath(new URL("./", import.meta.url));
const FLAGS = ["-std=c11", "-g", "-O1", "-Wall", "-Wextra", "-Werror", "-fno-omit-frame-pointer", "-pthread"];
const MEMORY = ["-fsanitize=address,undefined", "-fno-sanitize-recover=all"];
const RACES = ["-fsanitize=thread"];

const compiler = findTool(["gcc", "clang", "cc"], "CC");
if (!compiler && Deno.env.get("CI") === "true") {
  throw new Error("The C header is not tested: there is no C compiler");
}
const ignore = !compiler;

interface Program extends AsyncDisposable {
  run(args: string[], input?: Uint8Array<ArrayBuffer>): Promise<void>;
}

async function compiled(source: string, flags: string[]): Promise<Program> {
  const folder = await Deno.makeTempDir(), program = path.join(folder, "program");
  const args = [
    ...FLAGS,
    ...flags,
    `-I${path.join(HERE, "c")}`,
    path.join(HERE, "c/test", source),
    "-o",
    program,
    "-lm",
  ];
  const { success, stderr } = await new Deno.Command(compiler!, { args }).output();
  assert.ok(success, new TextDecoder().decode(stderr));
  return {
    async run(args, input = new Uint8Array()) {
      const child = new Deno.Command(program, { args, stdin: "piped", stdout: "piped", stderr: "piped" })
        .spawn();
      const writer = child.stdin.getWriter();
      const output = child.output();
      await writer.write(input).then(() => writer.close());
      const { code, stdout, stderr } = await output;
      const said = new TextDecoder().decode(stdout).slice(0, 2000) +
        new TextDecoder().decode(stderr).slice(0, 8000);
      assert.equal(code, 0, `exit ${code}\n${said}`);
    },
    [Symbol.asyncDispose]: () => Deno.remove(folder, { recursive: true }),
  };
}

const SPAN = 0x8000_0000;
/** Frames whose attachments are in the first span. */
const inSpan = ["[4294967296,24]", "[4294967304,16]", "[4294967296,25]", "[0,0]", "[8589934592,1]"].flatMap((
  pair,
) =>
  ["$bytes", "$f32", "$u32"].map((name) =>
    frameOf(
      `{"input":{"input":[{"${name}":${pair}}],"add":{"${name}":${pair}}},"config":{"dimensions":2}}`,
      new Uint8Array(24),
    )
  )
);

/**
 * Records for `c/test/replay.c`: frames that are right, frames that are wrong, and what chance makes of both.
 */
function records(
  samples: readonly [factory: number, sample: Sample][],
  seed: number,
  rounds: number,
): Uint8Array<ArrayBuffer> {
  const random = chance(seed), parts: Uint8Array[] = [];
  const add = (factory: number, frame: Uint8Array) => {
    const capacity = random() < 0.2 ? 0 : Math.floor(random() * 2000);
    parts.push(new Uint8Array(new Uint32Array([factory, capacity, frame.length]).buffer), frame);
  };
  const frames = samples.map(([factory, sample]) => [factory, encodeSample(sample)] as const);
  for (const [factory, frame] of frames) {
    for (let i = 0; i < 50; i++) add(factory, frame);
    for (const [, wrong] of wrongFrames()) add(factory, wrong);
    for (const bytes of NOT_UTF8) add(factory, notUtf8(bytes));
  }
  for (let round = 0; round < rounds; round++) {
    const [factory, frame] = frames[Math.floor(random() * frames.length)]!;
    add(factory, mutate(frame, random));
    const spanned = inSpan[Math.floor(random() * inSpan.length)]!;
    add(factory + SPAN, random() < 0.3 ? spanned : mutate(spanned, random));
  }
  const whole = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  parts.reduce((at, part) => (whole.set(part, at), at + part.length), 0);
  return whole;
}

const rich = [1, -2.5e-7, 'é\n"\\😀', null, {
  a: new Float32Array(700),
  b: [new Uint8Array(9), new BigInt64Array(2)],
}];
const FIXTURE: readonly [number, Sample][] = [
  [0, { input: { input: rich } }],
  [0, { input: { input: "x".repeat(3000) } }],
  [1, { input: { input: 0.1 } }],
  [1, { input: { input: 1.2345678901234567e-200 } }],
  [2, { input: { step: 5 }, config: { step: 1 } }],
  [3, { input: { reason: "é \u0000 because" } }],
  [7, { input: { bytes: 1000 } }],
  [9, { input: { input: new Uint8Array(1000) } }],
  [10, { input: { input: new Uint8Array(3) } }],
  [11, { input: { input: new Uint8Array(5000) } }],
  [12, { input: { input: [...rich, new Float32Array(2000), new Float32Array(1)], factor: 2 } }],
];
const vectors = new Float32Array(16 * 700).map((_, i) => Math.sin(i));
const VECTOR: readonly [number, Sample][] = [
  [0, {
    input: { add: vectors, query: vectors.subarray(0, 32), k: 3 },
    config: { dimensions: 16, metric: "l2" },
  }],
  [0, {
    input: { add: vectors.subarray(0, 48), ids: new Uint32Array([5, 6, 5]) },
    config: { dimensions: 16 },
  }],
  [0, { input: { remove: Uint32Array.from({ length: 400 }, (_, i) => i) }, config: { dimensions: 16 } }],
  [0, {
    input: { query: vectors.subarray(0, 16), k: 900 },
    config: { dimensions: 16, metric: "dot", kernel: "baseline" },
  }],
  [1, { input: { vectors, query: vectors.subarray(0, 16), k: 5 }, config: { dimensions: 16 } }],
];

const PACKS = [["fixture", FIXTURE], ["vector", VECTOR]] as const;

function packSource(name: string): string {
  return `-DPACK_SOURCE="${path.join(HERE, `../packs/${name}/src/${name}.c`)}"`;
}

/** Mistakes in the header that only a sanitizer sees, and what it calls them. */
const PLANTED: readonly [what: string, text: string, instead: string, noticed: RegExp][] = [
  [
    "memory that is lost, past the pack's own count",
    "DZ_EXPORT(denizen_pack_shutdown) void denizen_pack_shutdown(void) {",
    "DZ_EXPORT(denizen_pack_shutdown) void denizen_pack_shutdown(void) {\n  *(volatile char *)malloc(8) = 1;",
    /LeakSanitizer: detected memory leaks/,
  ],
  [
    "a result that is one byte longer than its room",
    "length <= out_capacity) {\n    dz_copy(out",
    "length <= out_capacity + 1) {\n    dz_copy(out",
    /heap-buffer-overflow/,
  ],
  [
    "an attachment that ends one byte behind its frame",
    "at > room || size > room - at",
    "at > room || size > room - at + 1",
    /heap-buffer-overflow/,
  ],
  [
    "a result that is given back twice",
    "  dz_free(instance->kept);\n  dz_free(instance);\n}",
    "  dz_free(instance->kept);\n  dz_free(instance->kept);\n  dz_free(instance);\n}",
    /attempting double-free|heap-use-after-free/,
  ],
];

for (const [what, text, instead, noticed] of PLANTED) {
  Deno.test({
    name: `the sanitizers notice ${what}`,
    ignore,
    async fn() {
      const header = await Deno.readTextFile(path.join(HERE, "c/denizen_pack.h"));
      assert.ok(header.includes(text), `the header no longer has this text: ${text}`);
      const folder = await Deno.makeTempDir();
      try {
        await Deno.writeTextFile(path.join(folder, "denizen_pack.h"), header.replace(text, instead));
        const flags = [`-I${folder}`, ...MEMORY, packSource("fixture")];
        await using program = await compiled("replay.c", flags);
        await assert.rejects(program.run([], records(FIXTURE, 1, 4_000)), noticed);
      } finally {
        await Deno.remove(folder, { recursive: true });
      }
    },
  });
}

for (const [name, samples] of PACKS) {
  Deno.test({
    name: `the pack "${name}" touches no foreign memory, for any input`,
    ignore,
    async fn() {
      const seed = Date.now() % 1_000_000;
      await using program = await compiled("replay.c", [...MEMORY, packSource(name)]);
      await program.run([], records(samples, seed, 20_000)).catch((cause) => {
        throw new Error(`with seed ${seed}: ${cause.message}`, { cause });
      });
    },
  });

  Deno.test({
    name: `the pack "${name}" has no races between threads`,
    ignore,
    async fn() {
      await using program = await compiled("replay.c", [...RACES, packSource(name)]);
      await program.run(["threads"], records(samples, 1, 500));
    },
  });
}

Deno.test({
  name: "the header reads and writes numbers as the C library does",
  ignore,
  async fn() {
    const seed = String(Date.now());
    await using program = await compiled("number_test.c", MEMORY);
    await program.run([seed, "20000"]).catch((cause) => {
      throw new Error(`with seed ${seed}: ${cause.message}`, { cause });
    });
  },
});
