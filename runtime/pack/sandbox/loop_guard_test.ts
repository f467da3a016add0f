/** What has to be stopped, stops; what is computed stays the same. Real modules, of the compiler for C. */
import { needsCompilers } from "@denizen/pack-sdk/testing";
import assert from "node:assert/strict";
import { join } from "node:path";
import { DenizenError } from "../../errors.ts";
import { GUARD, guardLoops } from "./loop_guard.ts";

const needsC = needsCompilers("c");

type Bytes = Uint8Array<ArrayBuffer>;

async function compiled(source: string, flags: readonly string[] = []): Promise<Bytes> {
  const folder = await Deno.makeTempDir();
  try {
    const from = join(folder, "a.c"), to = join(folder, "a.wasm");
    await Deno.writeTextFile(from, source);
    const args = [
      "--target=wasm32",
      "-O1",
      "-nostdlib",
      "-mbulk-memory",
      "-Wl,--no-entry,--export-dynamic",
      ...flags,
    ];
    const { success, stderr } = await new Deno.Command("clang", { args: [...args, from, "-o", to] }).output();
    assert.ok(success, new TextDecoder().decode(stderr));
    return await Deno.readFile(to);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

type Exports = Readonly<Record<string, (...values: number[]) => number>>;

function instance(module: Bytes, guard: () => void): Exports {
  const imports = { [GUARD.module]: { [GUARD.name]: guard } };
  return new WebAssembly.Instance(new WebAssembly.Module(guardLoops(module)), imports).exports as Exports;
}

const visible = '__attribute__((visibility("default")))';

const ENDLESS = `
typedef unsigned int u32;
static char room[1 << 20];
volatile u32 sink;
${visible} void loop(void) { for (;;) {} }
${visible} void work(void) { for (u32 i = 0;; i++) sink += i; }
${visible} void nested(void) { for (;;) for (u32 i = 0; i < 10; i++) sink += i; }
${visible} void fill(void) { for (;;) __builtin_memset(room, (int)sink++, sizeof(room)); }
static u32 many(u32 depth) { return depth == 0 ? sink : many(depth - 1) + many(depth - 1) + sink; }
${visible} u32 branching(void) { return many(60); }
static u32 odd(u32 n);
static u32 even(u32 n) { sink = n; __attribute__((musttail)) return odd(n + 1); }
static u32 odd(u32 n) { sink = n; __attribute__((musttail)) return even(n + 1); }
${visible} u32 tail(void) { return even(0); }
static u32 (*volatile next)(u32) = many;
${visible} void indirect(void) { for (;;) sink += next(3); }
`;

Deno.test(
  "endless code of every kind checks its guard, and stops when the guard throws",
  needsC,
  async () => {
    const module = await compiled(ENDLESS, ["-mtail-call"]);
    for (const name of ["loop", "work", "nested", "fill", "branching", "tail", "indirect"]) {
      let asked = 0;
      const exports = instance(module, () => {
        if (++asked === 3) throw new Error("stop");
      });
      assert.throws(() => exports[name]!(), /^Error: stop$/, name);
      assert.equal(asked, 3);
    }
  },
);

const COMPUTING = `
typedef unsigned int u32;
typedef float v4 __attribute__((vector_size(16)));
static u32 (*const table[])(u32);
static u32 state = 7;
static u32 step(u32 n) { return state = state * 1664525u + 1013904223u + n; }
static u32 fib(u32 n) { return n < 2 ? n : fib(n - 1) + fib(n - 2); }
static u32 both(u32 n) { return step(n) ^ fib(n % 12); }
static u32 (*const table[])(u32) = { step, fib, both };
${visible} u32 mix(u32 n) {
  u32 sum = 0;
  for (u32 i = 0; i < n; i++) {
    switch (i % 5) { case 0: sum += step(i); break; case 1: sum ^= fib(i % 15); break; case 3: continue; default: sum -= i; }
    sum += table[i % 3](i % 10);
  }
  return sum;
}
${visible} float floats(u32 n) {
  static v4 values[64];
  for (u32 i = 0; i < n; i++) values[i % 64] += (v4){ i, 1.5f, -2.25f, i * 0.5f };
  v4 sum = values[0];
  for (u32 i = 1; i < 64; i++) sum += values[i];
  return sum[0] + sum[1] + sum[2] + sum[3];
}
${visible} u32 copies(u32 n) {
  static unsigned char from[4096], to[4096];
  u32 sum = 0;
  for (u32 i = 0; i < n; i++) { from[i % 4096] = (unsigned char)step(i); __builtin_memcpy(to, from, 4096); sum += to[i * 7 % 4096]; }
  return sum;
}
`;

Deno.test(
  "a guarded module computes what it computed before, with its tables, its variables and its vectors",
  needsC,
  async () => {
    for (const level of ["-O0", "-O1", "-O3"]) {
      const module = await compiled(COMPUTING, [level, "-msimd128"]);
      const before = new WebAssembly.Instance(new WebAssembly.Module(module)).exports as Exports;
      let asked = 0;
      const after = instance(module, () => void asked++);
      for (const name of ["mix", "floats", "copies"]) {
        for (const n of [0, 1, 5, 1_000, 20_000]) {
          assert.equal(
            after[name]!(n),
            before[name]!(n),
            `${name}(${n}) at ${level}`,
          );
        }
      }
      assert.ok(asked > 0, "it was long enough to be asked");
    }
  },
);

Deno.test("a module without code is left as it is, and one that cannot be read is refused", () => {
  const empty = new Uint8Array([0, 0x61, 0x73, 0x6d, 1, 0, 0, 0]);
  assert.equal(guardLoops(empty), empty);
  const refused = (code: readonly number[], pattern: RegExp) => {
    const bytes = new Uint8Array([
      ...empty,
      1,
      4,
      1,
      0x60,
      0,
      0,
      3,
      2,
      1,
      0,
      10,
      code.length + 3,
      1,
      code.length + 1,
      0,
      ...code,
    ]);
    assert.throws(() => guardLoops(bytes), (error: unknown) => {
      assert.ok(error instanceof DenizenError);
      assert.match(error.message, pattern);
      return true;
    });
  };
  refused([0xfb, 0x00, 0x0b], /an instruction that this host does not know: 0xfb/);
  refused([0xfc, 0x40, 0x0b], /does not know: 0xfc 0x40/);
  refused([0x03, 0x40, 0x0b], /cut off/);
});
