/**
 * The kit finds what is wrong: packs whose header was damaged in one place fail the case that is about it.
 */
import assert from "node:assert/strict";
import * as path from "node:path";
import { fileURLToPath } from "node:url";
import { compile, findTool } from "../build/tool.ts";
import { conformance } from "./conformance.ts";

const C = fileURLToPath(new URL("../c/", import.meta.url));
const SOURCE = fileURLToPath(new URL("../../packs/fixture/src/fixture.c", import.meta.url));
const OPTIONS = {
  seed: 1,
  ticks: 500,
  samples: { "fixture.echo": { input: { input: [1, new Uint8Array(50)] } }, "fixture.fail": { input: {} } },
  skip: Object.fromEntries(
    ["trap", "segfault", "loop", "slow", "grow"].map((name) => [`fixture.${name}`, "not what this is about"]),
  ),
};

/** What is damaged, how, and the case that has to notice. */
const DAMAGES: readonly [what: string, text: string, instead: string, noticed: RegExp][] = [
  ["an ABI of tomorrow", "((1u << 16) | 0u)", "((2u << 16) | 0u)", /answers the handshake/],
  [
    "an unknown feature",
    "uint32_t features = 1u",
    "uint32_t features = 1u << 31 | 1u",
    /answers the handshake/,
  ],
  [
    "a status that is swallowed",
    "if (status && !first) first = status;",
    "",
    /first status that the host refused/,
  ],
  [
    "a last status instead of the first",
    "if (status && !first) first",
    "if (status) first",
    /first status that the host refused/,
  ],
  [
    "templates in another order",
    "dz_describe_template(&json, &pack->templates[i]);\n      dz_close",
    "dz_describe_template(&json, &pack->templates[pack->count - 1 - i]);\n      dz_close",
    /registers what it describes/,
  ],
  [
    "memory off its alignment",
    "void *memory = size == 0 || size > (size_t)PTRDIFF_MAX ? NULL : dz_raw_alloc(size);",
    "void *memory = size == 0 ? NULL : (char *)dz_raw_alloc(size + 4) + 4;",
    /allocates aligned memory/,
  ],
  ["memory for nothing", "size == 0 || size >", "size >", /allocates aligned memory/],
  ["scratch memory that stays", "    dz_free(block);\n  }\n}", "  }\n}", /leaks nothing over many ticks/],
  ["results that stay", "  dz_free(tick.instance->kept);\n", "", /leaks nothing through results/],
  ["instances that stay", "  dz_free(instance->kept);\n  dz_free(instance);\n}", "}", /made and destroyed/],
  [
    "slots that stay",
    "    dz_free(dz_load(&dz_table.segments[segment]));\n",
    "",
    /holds nothing after shutdown/,
  ],
  [
    "ids that come back at once",
    "% DZ_GENERATIONS) << DZ_SLOT_BITS | index",
    "% 1) << DZ_SLOT_BITS | index",
    /destroying an instance twice/,
  ],
  [
    "a result that can be taken twice",
    "    dz_free(instance->kept);\n    instance->kept = NULL;\n  }\n  return",
    "  }\n  return",
    /keeps a result that does not fit/,
  ],
  [
    "a result that is too long",
    "length <= out_capacity) {\n    dz_copy(out",
    "length <= out_capacity + 16) {\n    dz_copy(out",
    /leaks nothing|survives|keeps a result/,
  ],
  [
    "bytes that are no UTF-8",
    "if (length && !dz_utf8_valid((const uint8_t *)json, length)) {",
    "if (0) {",
    /answers -2/,
  ],
  ["attachments behind the end", "at > room || size > room - at", "at > room", /answers -3/],
  ["attachments off their alignment", "if (at % 8 != 0 || at > room", "if (at > room", /answers -3/],
  ["text behind the JSON", "if (!right || check.at != check.end) {", "if (!right) {", /answers -3/],
  [
    "a colon that is missing",
    "return dz_check_char(check, ':');\n}",
    "return dz_check_char(check, ':') || true;\n}",
    /answers -3/,
  ],
  [
    "a result that is given back twice",
    "  dz_free(instance->kept);\n  dz_free(instance);\n}",
    "  dz_free(instance->kept);\n  dz_free(instance->kept);\n  dz_free(instance);\n}",
    /leaks nothing|keeps a result|survives/,
  ],
  ["an error that is not text", 'dz_put_string(tick, "error", text);', 'dz_put_null(tick, "error");', /./],
];

const clang = findTool(["clang"], "DENIZEN_CLANG");
if (!clang && Deno.env.get("CI") === "true") {
  throw new Error("The conformance kit is not tested: there is no clang");
}

/** The cases that a fixture with this header fails. */
async function failures(header: string): Promise<string[]> {
  const folder = await Deno.makeTempDir();
  try {
    await Deno.writeTextFile(path.join(folder, "denizen_pack.h"), header);
    await Deno.copyFile(path.join(C, "denizen_pack_wasm.h"), path.join(folder, "denizen_pack_wasm.h"));
    const file = path.join(folder, "fixture.wasm");
    const flags = [
      "--target=wasm32",
      "-O1",
      "-ffreestanding",
      "-nostdlib",
      "-mbulk-memory",
      "-fvisibility=hidden",
    ];
    await compile(clang!, [...flags, "-Wl,--no-entry", "-w", `-I${folder}`, SOURCE, "-o", file]);
    const failed: string[] = [];
    for (const { name, run } of conformance(file, OPTIONS)) await run().catch(() => failed.push(name));
    return failed;
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

Deno.test({
  name: "a pack with nothing wrong fails no case",
  ignore: !clang,
  async fn() {
    assert.deepEqual(await failures(await Deno.readTextFile(path.join(C, "denizen_pack.h"))), []);
  },
});

for (const [what, text, instead, noticed] of DAMAGES) {
  Deno.test({
    name: `the kit notices ${what}`,
    ignore: !clang,
    async fn() {
      const header = await Deno.readTextFile(path.join(C, "denizen_pack.h"));
      assert.ok(header.includes(text), `the header no longer has this text: ${text}`);
      const failed = await failures(header.replaceAll(text, instead));
      assert.ok(failed.some((name) => noticed.test(name)), `failed: ${failed.join("; ") || "nothing"}`);
    },
  });
}
