/** What only one room of the runtime may do: the other files ask that room. */
import { expectNone, findAll, runtimeCode } from "./findings.ts";

interface Room {
  readonly what: string;
  readonly pattern: RegExp;
  /** Files, or folders with a slash at their end. */
  readonly files: readonly string[];
  readonly fix: string;
}

const ROOMS: readonly Room[] = [
  {
    what: "time and chance come from the clock (G11)",
    pattern:
      /\bDate\.now\(|new Date\(\)|\bset(Timeout|Interval|Immediate)\(|Math\.random\(|performance\.now\(|crypto\.(randomUUID|getRandomValues)/,
    files: ["runtime/world/clock.ts"],
    fix: "Ask the Clock that was handed in.",
  },
  {
    what: "the network is reached through its port (G11)",
    pattern:
      /\bDeno\.(serve|listen\w*|connect\w*|upgradeWebSocket)\(|(?<![.\w])fetch\((?!request: )|new WebSocket\(/,
    files: ["runtime/world/network.ts", "runtime/world/deno_network.ts"],
    fix: "Use the network that was handed in.",
  },
  {
    what: "files are touched where the data folder, pages, apps and packs are kept (G11)",
    pattern:
      /\bDeno\.(open|create|readFile|readTextFile|writeFile|writeTextFile|readDir|readLink|realPath|stat|lstat|mkdir|makeTempDir|makeTempFile|remove|rename|copyFile|symlink|chmod|truncate|watchFs)(Sync)?\(/,
    files: [
      "runtime/storage/data_folder/",
      "runtime/storage/kv/",
      "runtime/http/ui_files.ts",
      "runtime/node/app_loader.ts",
      "runtime/pack/bundle/",
      "runtime/pack/engine/library_cache.ts",
    ],
    fix: "Take the files through the room that owns them.",
  },
  {
    what: "the store is opened in one place",
    pattern: /\bDeno\.openKv\(/,
    files: ["runtime/storage/kv/deno_kv.ts"],
    fix: "Use the Storage that was handed in.",
  },
  {
    what: "processes of the operating system and workers are started for packs only",
    pattern: /\bnew Deno\.Command\(|\bDeno\.dlopen\(|\bnew Worker\(/,
    files: ["runtime/pack/engine/"],
    fix: "Start it in runtime/pack/engine/.",
  },
  {
    what: "Web Crypto, whose promises no simulator can order, is not used",
    pattern: /\bcrypto\.subtle\b/,
    files: [],
    fix: "Use node:crypto, which is synchronous.",
  },
  {
    what: "messages enter processes by one door, and @init by its cell",
    pattern: /\bnew Activation\(/,
    files: ["runtime/ingress/ingress.ts", "runtime/process/cell.ts"],
    fix: "Give the message to Ingress.admit.",
  },
  {
    what: "what becomes durable is appended in one place",
    pattern: /\b(commits|queue)\.append(All)?\(/,
    files: ["runtime/process/state_keeper.ts"],
    fix: "Leave an effect, which the process's commit contains.",
  },
];

function isIn(name: string, room: string): boolean {
  return room.endsWith("/") ? name.startsWith(room) : name === room;
}

for (const { what, pattern, files, fix } of ROOMS) {
  Deno.test(`in the runtime, ${what}`, () => {
    const sources = runtimeCode.filter(({ name }) => !name.startsWith("runtime/testing/"))
      .map((file) => ({ ...file, lines: file.lines.map((line) => /^\s*(\*|\/\/)/.test(line) ? "" : line) }));
    const outside = sources.filter(({ name }) => !files.some((room) => isIn(name, room)));
    expectNone(findAll(outside, pattern), fix);
    const unused = files.filter((room) =>
      findAll(sources.filter(({ name }) => isIn(name, room)), pattern).length === 0
    );
    expectNone(unused, "Take the file out of this rule: it does not do that any more.");
  });
}
