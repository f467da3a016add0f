/** What the generator refuses, with the place and the fix. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { generate, GenerateError } from "./mod.ts";

const IMPORTS =
  `import { type char, Http, http, init, type Json, local, type Option, process, type Result, type u32, type u64, Ws, ws } from "@denizen/macro";
import type { Context, WsEvent } from "@denizen/runtime";
`;

/** The texts of the errors in an app of these files. */
async function errorsOf(files: Readonly<Record<string, string>>): Promise<string[]> {
  const folder = Deno.makeTempDirSync();
  try {
    for (const [name, text] of Object.entries(files)) Deno.writeTextFileSync(join(folder, name), text);
    await generate({ apps: [folder] });
    return [];
  } catch (error) {
    if (!(error instanceof GenerateError)) throw error;
    assert.ok(!Object.keys(files).some((name) => name === "generated"));
    assert.throws(
      () => Deno.statSync(join(folder, "generated")),
      Deno.errors.NotFound,
      "something was written",
    );
    return error.message.split("\n");
  } finally {
    Deno.removeSync(folder, { recursive: true });
  }
}

/** A class with the given members, the first of them on line 6 of `todo.ts`. */
function classOf(members: string, before = "", options = '{ name: "Todo" }'): string {
  return `${IMPORTS}${before.replaceAll("\n", " ")}
@process(${options})
export class Todo {
${members}
}
`;
}

async function errorsOfMembers(members: string, before = ""): Promise<string[]> {
  return await errorsOf({ "todo.ts": classOf(members, before) });
}

Deno.test("each unsupported type is refused with its text, its place and what to write", async (test) => {
  const fixes: Record<string, string> = {
    "any": "write the type, or Json for any JSON value",
    "unknown": "write Json instead",
    "object": "write an interface, or Json",
    "symbol": "write string instead",
    "unique symbol": "write string instead",
    "never": "write a type that has values",
    "undefined": "write null, or make the field or parameter optional",
    "void": "write null instead",
    "this": "write an interface with its data",
    "URL": "write string instead",
    "RegExp": "write string instead",
    "Error": "write Result<T, string>, or an interface with its data",
    "String": "write string instead",
    "Number": "write number instead",
    "Boolean": "write boolean instead",
    "Object": "write an interface, or Json",
    "Function": "write a handler instead: a function cannot leave its process",
    "() => void": "write a handler instead: a function cannot leave its process",
    "new () => Date": "write a handler instead: a function cannot leave its process",
    "WeakMap<Date, string>": "write Map instead",
    "WeakSet<Date>": "write Set instead",
    "WeakRef<Date>": "write the value itself",
    "Promise<string>": "write the type it resolves to: data holds no promises",
    "ArrayBuffer": "write Uint8Array instead",
    "Blob": "write Uint8Array instead",
    "File": "write Uint8Array instead",
    "FormData": "write an interface with its fields",
    "Headers": "write Record<string, string> instead",
    "Request": "take what you need of it as parameters, or read it from ctx.http",
    "Response": "return it from an @http handler only; in data write Uint8Array or string",
    "ReadableStream": "return it from an @http handler only; in data write Uint8Array",
    "AbortSignal": "use ctx.signal",
    "AsyncIterable<string>": "write a list, or return a ReadableStream from an @http handler",
    "Awaited<Date>": "write the resulting type",
    "Buffer": "write Uint8Array instead",
    "toString": "declare it or import it",
    "Nowhere": "declare it or import it",
    "Context | null": "make it the last parameter: the runtime passes it",
    "Engine": "write an interface with its data, because an instance loses its class on the wire",
    "Map": "write what it holds",
    "[u32, ...string[]]": "write a record with a list instead of a rest element",
    "`a${string}`": "write string instead",
    "u32 extends number ? u32 : string": "write the resulting type",
    "Record<u32, string>": "write Record<string, T>, or a Map for other keys",
    "{ [key: number]: string }": "write Record<string, T>, or a Map for other keys",
    "10n": "write string, number or boolean literals",
    "Partial<string>": "write the record out",
    "Pick<Point, string>": 'name the fields with literals, such as "id" | "title"',
    "keyof string": "write the names out",
    'Point["z"]': "write the member's own type",
    "Point & string": "intersect records only, with no field in two of them",
    "Point & { x: u32 }": "intersect records only, with no field in two of them",
    "Point | { y: u32; z: u32 }": 'give each record a field with another literal, such as kind: "circle"',
    "string | Date": "write a union whose members differ in JSON: two of these may be strings",
    "u32 | u64": "write a union whose members differ in JSON: two of these may be numbers",
    "u32[] | Set<u32>": "write a union whose members differ in JSON: two of these may be lists",
    "Point | Record<string, u32>": "write a union whose members differ in JSON: two of these may be objects",
    "Nest<u32>": "write a type that does not fill in its own parameters for ever",
    "Loop": "write a type with a meaning",
    "typeof Engine": "write its type",
    "pkg.Thing":
      'write an interface of your own: "npm:thing" is not among the app\'s files, and a contract needs every type',
  };
  const before = "import type * as pkg from 'npm:thing'; class Engine { power = 1 } " +
    "export interface Point { x: u32; y: u32 } export interface Nest<T> { inner: Nest<T[]> } export type Loop = Loop";
  for (const [type, fix] of Object.entries(fixes)) {
    await test.step(type, async () => {
      const [first] = await errorsOfMembers(`  @http add(when: ${type}): void {}`, before);
      const head = 'Cannot generate Todo.add as parameter "when" has an unsupported type: ';
      assert.ok(first?.startsWith(head), first ?? "nothing was refused");
      assert.ok(first.endsWith(`; ${fix}`), first);
      if (type !== "Context | null" && type !== "Nest<u32>" && type !== "{ [key: number]: string }") {
        assert.equal(first, `${head}${type} at todo.ts:6:19; ${fix}`);
      }
    });
  }
});

/** Members of the class, and all that is wrong with them. */
const MEMBERS: Readonly<Record<string, readonly [members: string, ...errors: string[]]>> = {
  "a missing return type": [
    "  @http add() {}",
    'Cannot generate Todo.add as its return type is missing at todo.ts:6:9; write what it returns, for example ": u32", or ": void"',
  ],
  "a missing parameter type": [
    "  @http add(title): void {}",
    'Cannot generate Todo.add as parameter "title" has no type at todo.ts:6:13; write one, for example "title: string"',
  ],
  "a rest parameter": [
    "  @http add(...titles: string[]): void {}",
    'Cannot generate Todo.add as parameter "titles" takes any number of arguments at todo.ts:6:13; take a list instead',
  ],
  "a parameter that is taken apart": [
    "  @http add({ title }: { title: string }): void {}",
    "Cannot generate Todo.add as a parameter is destructured at todo.ts:6:13; name it, and destructure it in the body",
  ],
  "an optional parameter that may be null": [
    "  @http add(title?: string | null): void {}",
    'Cannot generate Todo.add as parameter "title" is optional and may be null, which look the same on the wire at todo.ts:6:13; make it one of the two',
  ],
  "two methods with one tag": [
    "  @http getUser(): void {}\n  @local get_user(): void {}",
    "Cannot generate Todo.get_user as its tag GetUser is that of getUser too at todo.ts:7:10; rename one of the two",
  ],
  "a private handler": [
    "  @http private add(): void {}",
    "Cannot generate Todo.add as a handler is a public method of the instance at todo.ts:6:17; remove private, protected or static",
  ],
  "a generator": [
    "  @http *add(): Iterable<u32> {}",
    "Cannot generate Todo.add as a handler cannot be a generator at todo.ts:6:10; return a list or a ReadableStream",
  ],
  "type parameters of a method": [
    "  @http add<T>(value: T): void {}",
    "Cannot generate Todo.add as a handler cannot have type parameters at todo.ts:6:13; write the types themselves",
  ],
  "a name without letters": [
    "  @http __(): void {}",
    "Cannot generate Todo.__ as no tag can be made from its name at todo.ts:6:9; write a name of letters, digits and _ that starts with a letter",
  ],
  "a Response to other processes": [
    "  @http @local page(): Promise<Response> { return fetch('') }",
    "Cannot generate Todo.page as only an @http handler can return a Response or a ReadableStream at todo.ts:6:24; remove the other decorators, or return data",
  ],
  "an @init with parameters": [
    "  @init start(when: Date): void {}",
    'Cannot generate Todo.start as @init takes the Context or nothing at todo.ts:6:15; write "(ctx: Context)" or "()"',
  ],
  "an @init with a result": [
    "  @init start(ctx: Context): u32 { return 1 }",
    'Cannot generate Todo.start as @init returns nothing at todo.ts:6:30; write ": void" or ": Promise<void>"',
  ],
  "an @ws with another first parameter": [
    "  @ws hear(channel: number, event: WsEvent): void {}",
    'Cannot generate Todo.hear as @ws methods have a fixed signature at todo.ts:6:12; write "(channel: u32, event: WsEvent, ctx: Context)"; the last may be left out',
  ],
  "an @ws without an event": [
    "  @ws hear(channel: u32, text: string): void {}",
    'Cannot generate Todo.hear as @ws methods have a fixed signature at todo.ts:6:26; write "(channel: u32, event: WsEvent, ctx: Context)"; the last may be left out',
  ],
  "an @ws with a result": [
    "  @ws hear(channel: u32, event: WsEvent, ctx: Context): string { return '' }",
    'Cannot generate Todo.hear as @ws returns nothing at todo.ts:6:57; write ": void" or ": Promise<void>"',
  ],
  "a field of an unsupported type": [
    "  home?: URL;",
    "Cannot generate Todo.home as the field has an unsupported type: URL at todo.ts:6:10; write string instead",
  ],
  "a field whose initial value says too little": [
    "  list = [];",
    "Cannot generate Todo.list as the field has an initial value from which its type cannot be inferred at todo.ts:6:3; write its type",
  ],
  "a field that holds a function": [
    "  then: () => void = start;",
    "Cannot generate Todo.then as the field has an unsupported type: () => void at todo.ts:6:9; write a handler instead: a function cannot leave its process",
  ],
  "a field that may be undefined and null": [
    "  note?: string | null;",
    "Cannot generate Todo.note as the field may be undefined and null, which look the same when saved at todo.ts:6:3; make it one of the two",
  ],
  "a field with a computed name": [
    "  [Symbol.iterator] = 1;",
    "Cannot generate Todo as a field has no plain name at todo.ts:6:3; write a name for it",
  ],
  "a constructor with arguments": [
    "  constructor(public title: string) {}",
    'Cannot generate Todo as its constructor requires an argument, "title", and the runtime passes none at todo.ts:6:15; give it a default, or set it in @init',
  ],
  "everything at once, in the order of the lines": [
    "  when = new URL('');\n  @http add(a: any, b: symbol): unknown {}\n  @http get() {}",
    "Cannot generate Todo.when as the field has an initial value from which its type cannot be inferred at todo.ts:6:3; write its type",
    'Cannot generate Todo.add as parameter "a" has an unsupported type: any at todo.ts:7:16; write the type, or Json for any JSON value',
    'Cannot generate Todo.add as parameter "b" has an unsupported type: symbol at todo.ts:7:24; write string instead',
    "Cannot generate Todo.add as its result has an unsupported type: unknown at todo.ts:7:33; write Json instead",
    'Cannot generate Todo.get as its return type is missing at todo.ts:8:9; write what it returns, for example ": u32", or ": void"',
  ],
};

Deno.test("a wrong member is refused with its place and the fix", async (test) => {
  for (const [name, [members, ...errors]] of Object.entries(MEMBERS)) {
    await test.step(name, async () => assert.deepEqual(await errorsOfMembers(members), errors));
  }
});

Deno.test("a wrong type inside an interface is reported once, at its place", async () => {
  const errors = await errorsOfMembers(
    "  todos: Item[] = [];\n  @http add(todo: Item): Item { return todo }",
    "export interface Item { when: URL; open(): void; [Symbol.iterator]: u32 }",
  );
  assert.deepEqual(errors, [
    "Cannot generate Todo.todos as the field has an unsupported type: URL at todo.ts:3:31; write string instead",
    "Cannot generate Todo.todos as the field has an unsupported type: open(): void; at todo.ts:3:36; leave functions out of data, or write an interface without them",
    "Cannot generate Todo.todos as the field has an unsupported type: [Symbol.iterator]: u32 at todo.ts:3:50; write a plain name for the field",
  ]);
});

Deno.test("a type that its module keeps to itself is to be exported", async () => {
  const errors = await errorsOfMembers(
    "  @http add(todo: Item): void {}",
    "interface Item { title: string }",
  );
  assert.deepEqual(errors, [
    'Cannot generate Todo.add as parameter "todo" uses the type Item, which its module does not export, at todo.ts:3:11; write "export" in front of it',
  ]);
});

/** Whole apps, and all that is wrong with them. */
const APPS: Readonly<Record<string, readonly [files: Record<string, string>, ...errors: string[]]>> = {
  "a process that is not exported": [
    { "a.ts": `${IMPORTS}@process({ name: "A" }) class A {}` },
    'Cannot generate A as a process is an exported class at a.ts:3:31; write "export" in front of it',
  ],
  "an abstract class": [
    { "a.ts": `${IMPORTS}@process({ name: "A" }) export abstract class A {}` },
    "Cannot generate A as an abstract class has no instances at a.ts:3:47; remove abstract",
  ],
  "handlers of a base class": [
    {
      "a.ts":
        `${IMPORTS}class B { @http get(): void {} }\n@process({ name: "A" }) export class A extends B {}`,
    },
    "Cannot generate A.get as the handlers of a base class are not inherited at a.ts:3:17; declare it in A and call it from there",
  ],
  "a file that is being edited": [
    { "a.ts": `${IMPORTS}@process({ name: "A" }) export class A {\n  @http get(): void {` },
    "Cannot generate a.ts as it has a syntax error: '}' expected at a.ts:4:22; correct the syntax",
  ],
  "a class name that gives no address": [
    { "a.ts": `${IMPORTS}@process({ name: "A" }) export class Ärger {}` },
    "Cannot generate Ärger as no address can be made from its name: ärger at a.ts:3:38; name it with the letters A to Z and digits",
  ],
  "type parameters of a class": [
    { "a.ts": `${IMPORTS}@process({ name: "A" }) export class A<T> { list: T[] = [] }` },
    "Cannot generate A as a process cannot have type parameters at a.ts:3:40; write the types themselves",
    "Cannot generate A.list as the field has an unsupported type: T at a.ts:3:51; write the type itself: a method has no type parameters",
  ],
  "a base class from elsewhere": [
    {
      "a.ts":
        `${IMPORTS}import { Base } from "npm:base";\n@process({ name: "A" }) export class A extends Base {}`,
    },
    "Cannot generate A as it extends a class that is not among the app's files: Base at a.ts:4:48; extend a class of the app, or none",
  ],
  "a field without a value": [
    {
      "a.ts":
        `${IMPORTS}@process({ name: "A" }) export class A { n: number; o?: number; c: number; constructor() { this.c = 1; } }`,
    },
    "Cannot generate A.n as the field has no initial value at a.ts:3:42; give it one, or make it optional",
  ],
  "two classes with one id": [
    {
      "a.ts": `${IMPORTS}@process({ name: "A" }) export class TodoList { @init start(): void {} }`,
      "b.ts": `${IMPORTS}@process({ name: "B" }) export class Todo_List { @init start(): void {} }`,
    },
    "Cannot generate Todo_List as its id todo-list:app:local is that of another class at b.ts:3:38; rename one of the two: the other is in a.ts",
  ],
  "an invalid package name": [
    {
      "deno.json": '{ "denizen": { "package": "My App", "publisher": "me.os" } }',
      "a.ts": `${IMPORTS}@process({ name: "A" }) export class A { @init start(): void {} }`,
    },
    'Cannot generate A as "denizen.package" is "My App" at deno.json:1:1; write lower-case letters, digits and "-", such as "todo-app"',
  ],
  "an invalid publisher": [
    {
      "deno.jsonc": '{ "denizen": { "package": "app", "publisher": 5 } } // mine',
      "a.ts": `${IMPORTS}@process({ name: "A" }) export class A { @init start(): void {} }`,
    },
    'Cannot generate A as "denizen.publisher" is 5 at deno.jsonc:1:1; write a dotted name, such as "me.os"',
  ],
  "a malformed deno.json": [
    {
      "deno.json": "[",
      "a.ts": `${IMPORTS}@process({ name: "A" }) export class A { @init start(): void {} }`,
    },
    "Cannot generate A as it is not a JSON object at deno.json:1:1; correct it",
  ],
};

Deno.test("a wrong app is refused with the place and the fix", async (test) => {
  for (const [name, [files, ...errors]] of Object.entries(APPS)) {
    await test.step(name, async () => {
      const config = { "deno.json": '{ "denizen": { "package": "app" } }' };
      const whole = "deno.jsonc" in files ? files : { ...config, ...files };
      assert.deepEqual(await errorsOf(whole), errors);
    });
  }
});

Deno.test("an app that is not there is refused by its name", async () => {
  await assert.rejects(generate({ apps: ["no/such/app.ts"] }), {
    name: "GenerateError",
    message:
      "Cannot generate the app no/such/app.ts as there is no such file or folder at no/such/app.ts:1:1; " +
      "name a module file or a folder of them",
  });
});

Deno.test("an error carries its place apart from its text", async () => {
  const folder = Deno.makeTempDirSync();
  const file = join(folder, "todo.ts");
  Deno.writeTextFileSync(file, classOf("  @http add(when: URL): void {}"));
  const error = await generate({ apps: [file] }).catch((error: unknown) => error);
  assert.ok(error instanceof GenerateError);
  assert.deepEqual(error.issues, [{
    subject: "Todo.add",
    reason: 'parameter "when" has an unsupported type',
    type: "URL",
    file,
    shownFile: "todo.ts",
    line: 6,
    column: 19,
    fix: "write string instead",
  }]);
});
