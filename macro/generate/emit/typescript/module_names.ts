/** The names and imports of one generated module. */
import type { NamedType } from "../../model.ts";
import { importPath } from "../../naming.ts";

/** Names that generated code uses or that mean something to JavaScript; no name of the app may be one. */
const RESERVED = new Set([
  ..."contract state State Request Response localRpc remoteRpc Caller CallOptions SendResult".split(" "),
  ..."Contract HandlerContract StateContract ParameterContract ProcessSchema keyedId Writable".split(" "),
  ..."Array Map ReadonlyMap Set ReadonlySet Date Promise Record Object JSON Number String undefined".split(
    " ",
  ),
  ..."u8 u16 u32 u64 i8 i16 i32 i64 f32 f64 char Json Option Result".split(" "),
]);

export class ModuleNames {
  readonly #taken = new Set(RESERVED);
  readonly #codec = new Set<string>();
  readonly #macro = new Set<string>();
  readonly #runtime = new Set<string>();
  readonly #runtimeValues = new Set<string>();
  /** Local names of imported types, by file and exported name. */
  readonly #app = new Map<string, Map<string, string>>();

  /** @param folder of the generated module. */
  constructor(private readonly folder: string, codec: Iterable<string>) {
    for (const name of codec) this.#taken.add(name);
  }

  /** A name that is not taken. */
  claim(wanted: string): string {
    for (let count = 1;; count++) {
      const name = count === 1 ? wanted : `${wanted}_${count}`;
      if (this.#taken.has(name)) continue;
      this.#taken.add(name);
      return name;
    }
  }

  /** A function or class of `@denizen/macro/codec`. */
  codec(name: string): string {
    this.#codec.add(name);
    return name;
  }

  /** A type of `@denizen/macro/codec`. */
  codecType(name: string): string {
    this.#codec.add(`type ${name}`);
    return name;
  }

  /** A type of `@denizen/macro`. */
  macro(name: string): string {
    this.#macro.add(name);
    return name;
  }

  /** A type of `@denizen/runtime`. */
  runtime(name: string): string {
    this.#runtime.add(name);
    return name;
  }

  /** A function of `@denizen/runtime`. */
  runtimeValue(name: string): string {
    this.#runtimeValues.add(name);
    return name;
  }

  /** A type of the app. */
  app({ file, exported }: NamedType["origin"]): string {
    const names = this.#app.get(file) ?? new Map<string, string>();
    this.#app.set(file, names);
    const known = names.get(exported);
    if (known !== undefined) return known;
    const name = this.claim(exported === "default" ? "Default" : exported);
    names.set(exported, name);
    return name;
  }

  /** The import declarations, in a fixed order. */
  imports(): string[] {
    const lines: string[] = [];
    const add = (keyword: string, names: Iterable<string>, module: string) => {
      const list = [...names].sort((a, b) => sortKey(a) < sortKey(b) ? -1 : 1);
      if (list.length === 0) return;
      const line = `${keyword} { ${list.join(", ")} } from "${module}";`;
      lines.push(
        line.length <= 110
          ? line
          : `${keyword} {\n${list.map((name) => `  ${name},\n`).join("")}} from "${module}";`,
      );
    };
    add("import type", this.#macro, "@denizen/macro");
    add("import", this.#codec, "@denizen/macro/codec");
    add("import", this.#runtimeValues, "@denizen/runtime");
    add("import type", this.#runtime, "@denizen/runtime");
    for (const file of [...this.#app.keys()].sort()) {
      const names = [...this.#app.get(file)!].map(([name, local]) =>
        name === local ? name : `${name} as ${local}`
      );
      add("import type", names, importPath(this.folder, file));
    }
    return lines;
  }
}

/** Imports are sorted by name, ignoring case and `type`. */
function sortKey(name: string): string {
  const plain = name.replace(/^type /, "");
  return `${plain.toLowerCase()} ${plain}`;
}
