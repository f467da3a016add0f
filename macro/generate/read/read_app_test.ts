/** What the reader understands of classes: their fields, their handlers, and the types behind both. */
import assert from "node:assert/strict";
import { join } from "node:path";
import type { Field, ProcessModel, Shape } from "../model.ts";
import { readApp } from "./read_app.ts";

/** The one process of a module. */
async function read(text: string, others: Readonly<Record<string, string>> = {}): Promise<ProcessModel> {
  const folder = Deno.makeTempDirSync();
  for (const [name, content] of Object.entries({ ...others, "app.ts": text })) {
    Deno.writeTextFileSync(join(folder, name), content);
  }
  const { processes } = await readApp([join(folder, "app.ts")], folder);
  Deno.removeSync(folder, { recursive: true });
  assert.equal(processes.length, 1);
  return processes[0]!;
}

const IMPORTS =
  `import { Http, http, init, local, type Option, process, type u32, type u64, type u8, type f64, Ws, ws } from "@denizen/macro";
import type { Context, WsEvent } from "@denizen/runtime";
`;

function readClass(members: string, before = "", heritage = ""): Promise<ProcessModel> {
  return read(
    `${IMPORTS}${before}\n@process({ name: "A", endpoints: [Http("/api")] }) export class A ${heritage} {\n${members}\n@init start(): void {}\n}`,
  );
}

/** A shape in a few words. */
function brief(shape: Shape): string {
  switch (shape.kind) {
    case "integer":
    case "bigint":
    case "float":
      return shape.format;
    case "list":
    case "set":
      return `${shape.kind}<${brief(shape.element)}>`;
    case "map":
      return `map<${brief(shape.key)}, ${brief(shape.value)}>`;
    case "dictionary":
      return `dictionary<${brief(shape.value)}>`;
    case "option":
      return `option<${brief(shape.inner)}>`;
    case "record":
      return `{ ${shape.fields.map(briefField).join("; ")} }`;
    case "tuple":
      return `[${shape.elements.map((element) => brief(element.shape)).join(", ")}]`;
    case "enum":
      return shape.values.map((literal) => JSON.stringify(literal.value)).join(" | ");
    case "union":
      return shape.members.map(brief).join(" | ");
    case "named":
      return shape.name;
    default:
      return shape.kind;
  }
}

function briefField({ name, shape, optional }: Field): string {
  return `${name}${optional === undefined ? "" : optional === "absent" ? "?" : "!"}: ${brief(shape)}`;
}

/** Members of a class, the code before it, and the resulting fields. */
const FIELDS: Readonly<
  Record<string, readonly [members: string, fields: string, before?: string, heritage?: string]>
> = {
  "written types": ["a: u32 = 0; b: u64[] = []; c!: Date;", "a: u32; b: list<u64>; c: date"],
  "every visibility": [
    "public a = 0; protected b = ''; private c = true; readonly d = new Date(); declare e: u8;",
    "a: f64; b: string; c: boolean; d: date; e: u8",
  ],
  "no # fields, which are transient": ["#a = new Map<string, WebSocket>(); b = 1; #c(): void {}", "b: f64"],
  "no statics, methods, accessors or functions": [
    "static s = 1; get g(): u32 { return 1 } set g(v: u32) {} m(): void {} f = () => 1; h = function () {}; a = 1;",
    "a: f64",
  ],
  "auto-accessors": ["accessor a: u32 = 0;", "a: u32"],
  "optional fields": [
    "a?: u32; b: string | undefined; c?: Date = undefined;",
    "a!: u32; b!: string; c!: date",
  ],
  "initial values that say their type": [
    "a = new Map<string, u32>(); b = new Set<u8>(); c = new Date(); d = new Uint8Array(8); e = [] as u32[]; f = -1; g = `x`; " +
    "h = null as Option<u32>; i = [1]; j = { x: 1, y: { z: '' } }; k = [['a']]; l = new Date().getTime(); m = !0;",
    "a: map<string, u32>; b: set<u8>; c: date; d: bytes; e: list<u32>; f: f64; g: string; h: option<u32>; i: list<f64>; " +
    "j: { x: f64; y: { z: string } }; k: list<list<string>>; l: f64; m: boolean",
  ],
  "types that follow from other declarations": [
    "a = start; b = COLORS[0]; c = make(); d: typeof COLORS[number] = 'red'; e = Mode.On; f = many();",
    'a: Point; b: "red"; c: Point; d: "red" | "green"; e: Mode; f: list<Point>',
    "export interface Point { x: u32 } export enum Mode { Off, On } const start: Point = { x: 1 }; " +
    'const COLORS = ["red", "green"] as const; function make(): Point { return start } function many(): Point[] { return [] }',
  ],
  "fields of the constructor": [
    "constructor(private title: string = '', public size: u32 = 1, readonly note?: string, plain = 1) {}",
    "title: string; size: u32; note!: string",
  ],
  "fields of base classes, first": [
    "own: u32 = 0; shared: u8 = 1;",
    "root: string; kept: u32; shared: u8; own: u32",
    "class Root { root = '' } class Base<T> extends Root { kept!: T; shared: u8 = 0 }",
    "extends Base<u32>",
  ],
};

/** Members of a class, its constants, and the fields that are left as its state. */
const CONSTANTS: Readonly<
  Record<string, readonly [string, constants: string, fields: string, before?: string]>
> = {
  "literals, templates and arithmetic": [
    "readonly a = 10; readonly b: u32 = 60 * 1000; readonly c = `x${'y'}`; readonly d = -1n; readonly e = null; private readonly f = true;",
    "a b c d e f",
    "",
  ],
  "constants and enum members": [
    "readonly a = MAX; readonly b = Color.Red; readonly c = LIMITS.small; readonly d = LIMITS;",
    "a b c d",
    "",
    "const MAX = 5; export enum Color { Red, Green } const LIMITS = { small: 1 } as const;",
  ],
  "lists and objects only as const, since their parts change otherwise": [
    "readonly a = ['x'] as const; readonly b = { x: 1 } as const; readonly c = ['x']; readonly d: { x: u32 } = { x: 1 };",
    "a b",
    "c: list<string>; d: { x: u32 }",
  ],
  "not what is computed, written without readonly, or assigned by the constructor": [
    "readonly a: f64 = Math.max(1, 2); b = 1; readonly c: u32 = 0; readonly d: string; readonly e = new Date(); constructor() { this.c = 7; this.d = ''; }",
    "",
    "a: f64; b: f64; c: u32; d: string; e: date",
  ],
  "defaults of the constructor": [
    "constructor(readonly a: u32 = 5, public b: u32 = 5, readonly c: Date = new Date()) {}",
    "a",
    "b: u32; c: date",
  ],
};

Deno.test("a readonly field with a literal value belongs to the class, not to the state", async (test) => {
  for (const [name, [members, constants, fields, before]] of Object.entries(CONSTANTS)) {
    await test.step(name, async () => {
      const model = await readClass(members, before);
      assert.equal(model.constants.join(" "), constants);
      assert.equal(model.state.map(briefField).join("; "), fields);
    });
  }
});

Deno.test("the state is every field of an instance that is data", async (test) => {
  for (const [name, [members, fields, before, heritage]] of Object.entries(FIELDS)) {
    await test.step(
      name,
      async () =>
        assert.equal((await readClass(members, before, heritage)).state.map(briefField).join("; "), fields),
    );
  }
});

/** Types as they are written, and what they come to. */
const TYPES: Readonly<Record<string, string>> = {
  "number": "f64",
  "bigint": "bigint",
  "(u32)": "u32",
  "Alias": "u32",
  "readonly u32[]": "list<u32>",
  "Array<ReadonlyArray<u8>>": "list<list<u8>>",
  "u32 | null": "option<u32>",
  "null | Option<u32> | null": "option<u32>",
  "string | 'a'": "string",
  "true | false": "boolean",
  "'a' | 'b' | null": 'option<"a" | "b">',
  "Kind": "Kind",
  "Kind | null": "option<Kind>",
  "Kind.A": '"a"',
  "Exclude<Kind, Kind.A>": '"b"',
  "1 | -2": "1 | -2",
  "string | number": "string | finite",
  "string | u32[] | boolean": "string | list<u32> | boolean",
  "number | boolean": "f64 | boolean",
  "Point": "Point",
  "Point['x']": "u32",
  "Point['x' | 'y']": "u32",
  "keyof Point": '"x" | "y"',
  "u32[][number]": "u32",
  "[u32, string][number]": "u32 | string",
  "Partial<Point>": "{ x?: u32; y?: u32 }",
  "Required<Partial<Point>>": "{ x: u32; y: u32 }",
  "Pick<Point, 'x'>": "{ x: u32 }",
  "Omit<Point, 'x'>": "{ y: u32 }",
  "Readonly<Point>": "{ x: u32; y: u32 }",
  "Record<'a' | 'b', u8>": "{ a: u8; b: u8 }",
  "Record<string, u8>": "dictionary<u8>",
  "{ [key: string]: u8 }": "dictionary<u8>",
  "{ [K in keyof Point]?: Point[K] }": "{ x?: u32; y?: u32 }",
  "{ [K in 'a' | 'b']: u32 }": "{ a: u32; b: u32 }",
  "Point & { z: u8 }": "{ x: u32; y: u32; z: u8 }",
  "Box<u32>": "Box_of_U32",
  "Box<Box<Point>>": "Box_of_Box_of_Point",
  "Box<u32[] | null>": "Box_of_OptionOfListOfU32",
  "Box": "Box",
  "NonNullable<Point | null>": "Point",
  "import('./app.ts').Point": "Point",
  "Uint8Array<ArrayBuffer>": "bytes",
  "{ a: 1; b?: { c: Date } }": "{ a: 1; b?: { c: date } }",
};

Deno.test("types are read as they are written, with their aliases, and worked out where they are computed", async (test) => {
  const before =
    "export interface Point { x: u32; y: u32 } export interface Box<T = string> { value: T } type Alias = Other; " +
    "type Other = u32; export enum Kind { A = 'a', B = 'b' }";
  for (const [type, expected] of Object.entries(TYPES)) {
    await test.step(type, async () => {
      const { handlers } = await readClass(`@http get(value: ${type}): void {}`, before);
      assert.equal(brief(handlers[0]!.parameters[0]!.shape), expected);
    });
  }
});

Deno.test("two types with one name are distinguished", async () => {
  const { types, handlers } = await read(
    `${IMPORTS}import type { Item } from "./one.ts"; import type { Item as Other } from "./two.ts";
@process({ name: "A", endpoints: [Http("/api")] }) export class A { @http get(a: Item, b: Other): void {} }`,
    { "one.ts": "export interface Item { a: string }", "two.ts": "export interface Item { b: string }" },
  );
  assert.deepEqual(types.map((type) => type.name), ["Item", "Item_2"]);
  assert.deepEqual(handlers[0]!.parameters.map((parameter) => brief(parameter.shape)), ["Item", "Item_2"]);
});

Deno.test("a handler's tag, transports, parameters and result are read, and its comment kept", async () => {
  const { handlers, doc } = await read(`${IMPORTS}
import type { Context as Ctx } from "@denizen/runtime";
/** Does things. */
@process({ name: "A", endpoints: [Http("/api"), Ws("/ws")] })
export class A {
  /** First. */
  @local @http({ method: "PUT" }) async get_user(id: u64, ctx?: Ctx): Promise<Option<string>> { return null }
  @http stream(): ReadableStream<Uint8Array> { return null! }
  @http raw(ctx: Context): Promise<Response | ReadableStream> { return null! }
  @http fits(a: u32 = 1, b?: u8, c: string | undefined = undefined): void {}
  @init start(ctx: Context): void {}
  @ws hear(channel: u32, event: WsEvent): Promise<void> { return null! }
  helper(): unknown { return 1 }
}`);
  assert.equal(doc, "Does things.");
  const facts = handlers.map(({ tag, transports, parameters, takesContext, result }) => [
    tag,
    transports.join("+"),
    parameters.map(({ name, shape, optional }) => `${name}${optional ? "?" : ""}: ${brief(shape)}`).join(
      ", ",
    ),
    takesContext,
    result === "response" ? result : brief(result),
  ]);
  assert.deepEqual(facts, [
    ["GetUser", "http+local", "id: u64", true, "option<string>"],
    ["Stream", "http", "", false, "response"],
    ["Raw", "http", "", true, "response"],
    ["Fits", "http", "a?: u32, b?: u8, c?: string", false, "void"],
  ]);
  assert.equal(handlers[0]!.doc, "First.");
});

Deno.test("only the files a contract is made of count as its sources", async () => {
  const { sources } = await read(
    `${IMPORTS}import type { Item } from "./item.ts"; import { helper } from "./helper.ts";
@process({ name: "A", endpoints: [Http("/api")] }) export class A { @http get(item: Item): void { helper(item) } }`,
    {
      "item.ts": "export interface Item { a: string }",
      "helper.ts": "export function helper(_value: unknown) {}",
    },
  );
  assert.deepEqual(sources.map((file) => file.split("/").at(-1)), ["app.ts", "item.ts"]);
});
