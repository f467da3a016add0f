/** What the reader takes from the decorators, and what it refuses of them, each at its place. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { GenerateError } from "../generate_error.ts";
import type { ProcessModel } from "../model.ts";
import { readApp } from "./read_app.ts";

const IMPORTS =
  `import { http, Http, init, local, process, Save, type u32, Ws, ws } from "@denizen/macro"; import type { WsEvent } from "@denizen/runtime";\n`;

type Files = Readonly<Record<string, string>>;

/** Reads the app of these files; `a.ts` is its module. */
async function readFiles(files: Files): Promise<ProcessModel> {
  const folder = Deno.makeTempDirSync();
  try {
    for (const [name, text] of Object.entries(files)) Deno.writeTextFileSync(join(folder, name), text);
    return (await readApp([join(folder, "a.ts")], folder)).processes[0]!;
  } finally {
    Deno.removeSync(folder, { recursive: true });
  }
}

/** A module whose class begins on line 3, and its members on line 4. */
function moduleOf(options: string, members: string, before = ""): Files {
  return { "a.ts": `${IMPORTS}${before}\n@process(${options}) export class A {\n${members}\n}\n` };
}

async function errorsOf(files: Files): Promise<string[]> {
  try {
    await readFiles(files);
    return [];
  } catch (error) {
    if (!(error instanceof GenerateError)) throw error;
    return error.message.split("\n");
  }
}

const API = '{ name: "A", endpoints: [Http("/api")] }';
const GET = "@http get(): void {}";

Deno.test("every option of the decorators is in the model, wherever its constant is written", async () => {
  const model = await readFiles({
    ...moduleOf(
      "OPTIONS",
      `  /** Wakes. */
  @init start(): void {}
  /** Hears. */
  @ws hear(channel: u32, event: WsEvent): void {}
  @http({ method: METHODS.change, path: \`/items/\${ID}\` }) @local({ save: Save.everyNMessages(2 + 3) }) put(id: u32): void {}
  @http({ method: Method.Post }) post(): void {}
  @http({ path: "/list" }) list(): void {}
  @local call(): void {}`,
      `import { API, type Whole, SECONDS, Method } from "./constants.ts"; const ID = ":id";
const METHODS = { change: "PUT" } as const; const shared = { keyed: true, ui: \`ui\` };
const endpoints = [API, Ws("/ws")] as const; function first(old: unknown) { return old }
const OPTIONS = { ...shared, name: ("Big " + "A") as Whole, endpoints, save: Save.everySeconds(SECONDS / 2), "turns": "interleaved", passivateAfter: 60 * 5, version: 3, migrations: { 1: first, 2(old: unknown) { return old } } } satisfies object;`
        .replaceAll("\n", " "),
    ),
    "constants.ts": `import { Http } from "@denizen/macro"; export type Whole = string;
export const API = Http("/api/"); export const SECONDS = 3; export enum Method { Post = "POST" }`,
  });
  const { handlers, init, socket, sources, ...process } = model;
  assert.deepEqual(
    [process.name, process.keyed, process.ui, process.turns, process.passivateAfter, process.version],
    ["Big A", true, "ui", "interleaved", 300, 3],
  );
  assert.deepEqual(process.migrations, [1, 2]);
  assert.deepEqual(process.endpoints, [{ kind: "http", path: "/api" }, { kind: "ws", path: "/ws" }]);
  assert.deepEqual(process.save, { kind: "everySeconds", seconds: 1.5 });
  assert.deepEqual(init, { method: "start", doc: "Wakes.", takesContext: false });
  assert.deepEqual([socket?.method, socket?.doc, socket?.receives], ["hear", "Hears.", ["text", "binary"]]);
  assert.deepEqual(handlers.map(({ method, save, route, httpMethod }) => [method, save, route, httpMethod]), [
    ["put", { kind: "everyNMessages", messages: 5 }, { method: "PUT", path: "/items/:id" }, undefined],
    ["post", process.save, undefined, "POST"],
    ["list", process.save, { method: "GET", path: "/list" }, undefined],
    ["call", process.save, undefined, undefined],
  ]);
  assert.deepEqual(sources.map((file) => file.split("/").at(-1)), ["a.ts", "constants.ts"]);
});

Deno.test("what was not said is the default", async () => {
  const { name, keyed, turns, save, version, migrations, endpoints, ui, passivateAfter, init, socket } =
    await readFiles(moduleOf('{ name: "A" }', "@local get(): void {}"));
  assert.deepEqual(
    { name, keyed, turns, save, version, migrations, endpoints, ui, passivateAfter, init, socket },
    {
      name: "A",
      keyed: false,
      turns: "serial",
      save: { kind: "everyMessage" },
      version: 1,
      migrations: [],
      endpoints: [],
      ui: undefined,
      passivateAfter: undefined,
      init: undefined,
      socket: undefined,
    },
  );
});

Deno.test("comments and constant defaults of parameters are in the model", async () => {
  const [handler] = (await readFiles(moduleOf(
    API,
    `  /**
   * Adds.
   *
   * @param title what is shown,
   * on two lines
   * @param {string} when - the day
   * @throws never
   * @returns the id
   */
  @http add(title: string, when = "now", limit: u32 = 5 * LIMIT, list: u32[] = [1], big = 9007199254740993n, late: number = Date.now()): u32 { return 1 }`,
    "const LIMIT = 4;",
  ))).handlers;
  assert.equal(handler?.doc, "Adds.\n\n@throws never");
  assert.equal(handler.resultDoc, "the id");
  assert.deepEqual(
    handler.parameters.map(({ name, optional, default: value, doc }) => [name, optional, value, doc]),
    [
      ["title", false, undefined, "what is shown,\non two lines"],
      ["when", true, "now", "the day"],
      ["limit", true, 20, undefined],
      ["list", true, [1], undefined],
      ["big", true, "9007199254740993", undefined],
      ["late", true, undefined, undefined],
    ],
  );
});

/** Options and members, with all that is wrong with them. */
const REFUSED: Readonly<Record<string, readonly [files: Files, ...errors: string[]]>> = {
  "an option that is computed": [
    moduleOf('{ name: "A", keyed: Deno.args.length > 0 }', "@local get(): void {}"),
    'Cannot generate A as "keyed" cannot be read, because it is computed when the app runs: Deno.args.length at a.ts:3:30; write a literal, or a const made of literals',
  ],
  "options that are computed": [
    moduleOf("make()", GET, 'function make() { return { name: "A" } }'),
    "Cannot generate A as the options of @process cannot be read, because it is computed when the app runs: make() at a.ts:3:10; write a literal, or a const made of literals",
  ],
  "a spread of something computed": [
    moduleOf('{ ...make(), name: "A" }', GET, "function make() { return {} }"),
    "Cannot generate A as the options of @process cannot be read, because it is computed when the app runs: make() at a.ts:3:15; write a literal, or a const made of literals",
  ],
  "a variable that may change": [
    moduleOf("{ name: title }", "@local get(): void {}", 'let title = "A";'),
    'Cannot generate A as "name" cannot be read, because it is a variable that may change: title at a.ts:3:18; declare it with const',
  ],
  "a constant of a package": [
    moduleOf("{ name: TITLE }", "@local get(): void {}", 'import { TITLE } from "npm:titles";'),
    'Cannot generate A as "name" cannot be read, because it comes from "npm:titles", which is not among the app\'s files: TITLE at a.ts:3:18; write a literal, or a const made of literals',
  ],
  "a constant made of itself": [
    moduleOf("{ name: TITLE }", "@local get(): void {}", "const TITLE: string = `${TITLE}`;"),
    'Cannot generate A as "name" cannot be read, because it is computed when the app runs: TITLE at a.ts:2:26; write a literal, or a const made of literals',
  ],
  "an invalid endpoint": [
    moduleOf('{ name: "A", endpoints: [Http("api")] }', GET),
    'Cannot generate A as "endpoints" cannot be read, because a path starts with "/" and has no "?", "#" or space: current value is "api": Http("api") at a.ts:3:35; write a list of Http("/api") and Ws("/ws")',
  ],
  "no name": [
    moduleOf('{ endpoints: [Http("/api")] }', GET),
    'Cannot generate A as "name" is missing at a.ts:3:1; write @process({ name: "A" })',
  ],
  "a value of another type": [
    moduleOf('{ name: "A", keyed: 1, turns: "parallel", version: 0 }', "@local get(): void {}"),
    'Cannot generate A as "keyed" is 1 at a.ts:3:23; write "keyed: true" or "keyed: false"',
    'Cannot generate A as "turns" is "parallel" at a.ts:3:33; write "serial" or "interleaved"',
    'Cannot generate A as "version" is 0 at a.ts:3:52; write a whole number from 1',
  ],
  "a value that is no constant of its kind": [
    moduleOf(
      '{ name: "A", save: Save.everySeconds, version: 1n, endpoints: [{ kind: "http", path: "api" }] }',
      "@local get(): void {}",
    ),
    'Cannot generate A as "save" is a function at a.ts:3:23; write Save.everyMessage, or another of Save',
    'Cannot generate A as "version" is 1n at a.ts:3:48; write a whole number from 1',
    'Cannot generate A as "endpoints" is a list at a.ts:3:61; write a list of Http("/api") and Ws("/ws")',
  ],
  "a save policy that counts nothing": [
    moduleOf(
      '{ name: "A", save: Save.everyNMessages(0) }',
      '@local({ save: { kind: "everySeconds", seconds: -1 } }) get(): void {}',
    ),
    'Cannot generate A as "save" cannot be read, because it needs a number above zero: current value is 0: Save.everyNMessages(0) at a.ts:3:29; write Save.everyMessage, or another of Save',
    'Cannot generate A.get as "save" is an object at a.ts:4:10; write Save.never, or another of Save',
  ],
  "a member that does not exist": [
    moduleOf('{ name: "A", save: Save.everyMinute }', "@local get(): void {}"),
    'Cannot generate A as "save" cannot be read, because there is no member "everyMinute": Save.everyMinute at a.ts:3:29; write Save.everyMessage, or another of Save',
  ],
  "an object in a text": [
    moduleOf("{ name: `${{}}` }", "@local get(): void {}"),
    'Cannot generate A as "name" cannot be read, because it is computed when the app runs: {} at a.ts:3:21; write a literal, or a const made of literals',
  ],
  "an unknown option of a process": [
    moduleOf('{ name: "A", saveConfig: Save.never }', "@local get(): void {}"),
    'Cannot generate A as @process has no option "saveConfig" at a.ts:3:23; known are name, endpoints, save, keyed, turns, ui, version, migrations, passivateAfter',
  ],
  "a migration to nowhere": [
    moduleOf('{ name: "A", version: 2, migrations: { 2: (old: unknown) => old } }', "@local get(): void {}"),
    'Cannot generate A as a migration from version 2 leads nowhere, as "version" is 2, at a.ts:3:49; remove it, or raise "version"',
  ],
  "passivation after nothing": [
    moduleOf('{ name: "A", keyed: true, passivateAfter: 0 }', "@local get(): void {}"),
    'Cannot generate A as "passivateAfter" is 0 at a.ts:3:36; write a number of seconds above zero',
  ],
  "passivation of the one process": [
    moduleOf('{ name: "A", passivateAfter: 5 }', "@local get(): void {}"),
    'Cannot generate A as "passivateAfter" is for keyed processes at a.ts:3:23; add keyed: true, or remove it',
  ],
  "two endpoints on one path": [
    moduleOf('{ name: "A", endpoints: [Http("/api"), Http("/api/")] }', GET),
    'Cannot generate A as two endpoints have one path, "/api" at a.ts:3:23; keep one of them, or change one of the paths',
  ],
  "no handlers": [
    moduleOf(API, ""),
    "Cannot generate A as no message can reach it at a.ts:3:65; give at least one method @http, @local, @ws or @init",
  ],
  "a socket method without an endpoint": [
    moduleOf(API, "@ws hear(channel: u32, event: WsEvent): void {}"),
    'Cannot generate A.hear as @ws has no WebSocket endpoint at a.ts:4:5; add Ws("/ws") to "endpoints"',
  ],
  "a socket endpoint without a method": [
    moduleOf('{ name: "A", endpoints: [Http("/api"), Ws("/ws")] }', GET),
    'Cannot generate A as a WebSocket endpoint has no @ws method at a.ts:3:76; add one, or remove Ws(…) from "endpoints"',
  ],
  "an HTTP handler without an endpoint": [
    moduleOf('{ name: "A" }', GET),
    'Cannot generate A.get as @http has no endpoint at a.ts:4:7; add Http("/api") to "endpoints", or give it a path',
  ],
  "a handler that is called by tag with a method that carries none": [
    moduleOf(API, '@http({ method: "GET" }) get(): void {}'),
    "Cannot generate A.get as it answers GET, which carries no tag, at a.ts:4:26; give it a path too",
  ],
  "a route on an endpoint's path": [
    moduleOf(API, '@http({ method: "POST", path: "/api" }) get(): void {}'),
    "Cannot generate A.get as POST /api is an endpoint's path too at a.ts:4:41; change one of the two",
  ],
  "an unknown option of a handler": [
    moduleOf(API, '@local({ path: "/a" }) get(): void {}'),
    'Cannot generate A.get as @local has no option "path" at a.ts:4:10; known are save',
  ],
  "an unknown HTTP method": [
    moduleOf(API, '@http({ method: "FETCH" }) get(): void {}'),
    'Cannot generate A.get as "method" is "FETCH" at a.ts:4:9; write one of GET, POST, PUT, PATCH, DELETE, HEAD, OPTIONS',
  ],
  "a path without a slash": [
    moduleOf(API, '@http({ path: "items" }) get(): void {}'),
    'Cannot generate A.get as "path" is "items" at a.ts:4:9; write a path that starts with "/", such as "/items/:id"',
  ],
  "a path that is computed": [
    moduleOf(API, "@http({ path: pathOf() }) get(): void {}", 'function pathOf() { return "/" }'),
    'Cannot generate A.get as "path" cannot be read, because it is computed when the app runs: pathOf() at a.ts:4:15; write a literal, or a const made of literals',
  ],
  "two handlers on one route": [
    moduleOf(
      API,
      '@http({ path: "/a" }) get(): void {}\n@http({ method: "GET", path: "/a" }) list(): void {}',
    ),
    "Cannot generate A.list as get already answers GET /a at a.ts:5:38; change one of the two",
  ],
  "two paths of one method": [
    moduleOf(API, '@http({ path: "/a" }) @http({ path: "/b" }) get(): void {}'),
    "Cannot generate A.get as it has two methods or paths at a.ts:4:23; make two methods of the class",
  ],
  "two save policies on one method": [
    moduleOf(API, "@http({ save: Save.never }) @local({ save: Save.onDiff }) get(): void {}"),
    'Cannot generate A.get as it has two save policies at a.ts:4:29; write "save" once',
  ],
  "a part of the path that no parameter takes": [
    moduleOf(API, '@http({ path: "/a/:item/:id" }) get(id: u32, all: boolean): void {}'),
    'Cannot generate A.get as ":item" of its path is not a parameter at a.ts:4:33; name it after one of the parameters, which are: id, all',
  ],
  "a handler that makes an instance a promise": [
    moduleOf(API, "@http then(step: string): void {}"),
    "Cannot generate A.then as an instance with a method of that name would be taken for a promise at a.ts:4:7; rename it",
  ],
  "such a method of a base class": [
    {
      "a.ts":
        `${IMPORTS}class Base { then(): void {} }\n@process(${API}) export class A extends Base { ${GET} }`,
    },
    "Cannot generate A.then as an instance with a method of that name would be taken for a promise at a.ts:2:14; rename it",
  ],
  "such a function in a field": [
    moduleOf(API, `then = () => {}; ${GET}`),
    "Cannot generate A.then as an instance with a method of that name would be taken for a promise at a.ts:4:1; rename it",
  ],
};

Deno.test("options that cannot be read or contradict each other are refused at their place, with the fix", async (test) => {
  for (const [name, [files, ...errors]] of Object.entries(REFUSED)) {
    await test.step(name, async () => assert.deepEqual(await errorsOf(files), errors));
  }
});
