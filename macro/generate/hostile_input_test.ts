/** What generated code does with input made to break it. */
import assert from "node:assert/strict";
import { DecodeError, NESTING_MAX } from "../codec/mod.ts";
import type { HandlerContract } from "../declare/contract.ts";
import { generatedCase } from "./testdata/generated_case.ts";

async function handlerOf(tag: string): Promise<HandlerContract> {
  return (await generatedCase("every_type")).contract.handlers[tag]!;
}

/** The text of the error that `run` ends in, which is a DecodeError. */
function refusal(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    assert.ok(error instanceof DecodeError, `not a DecodeError: ${error}`);
    return error.message;
  }
  assert.fail("nothing was refused");
}

/** A tree with one branch, as JSON text makes it. */
function tree(levels: number): unknown {
  return JSON.parse(`${'{"value":1,"children":['.repeat(levels)}${"]}".repeat(levels)}`);
}

Deno.test("recursion of a million levels is refused in all directions", async () => {
  const { contract } = await generatedCase("recursive");
  const { decodeArguments, encodeArguments, copyArguments } = contract.handlers.Walk!;
  const folder = (levels: number) => {
    let one: unknown = { name: "", folders: [], byName: {} };
    for (let level = 1; level < levels; level++) one = { name: "", folders: [one], byName: {} };
    return one;
  };
  assert.match(
    refusal(() => decodeArguments([folder(1_000_000), 1])),
    /^\/Walk\/0\/folders\/0\/.*at most 1000 levels/,
  );
  const typed = decodeArguments([folder(NESTING_MAX), 1]);
  assert.equal(
    JSON.stringify(encodeArguments(copyArguments(typed))),
    JSON.stringify([folder(NESTING_MAX), 1]),
  );
  const cycle = { name: "", folders: [] as unknown[], byName: new Map() };
  cycle.folders.push(cycle);
  assert.match(refusal(() => copyArguments([cycle, 1])), /at most 1000 levels/);
  assert.match(refusal(() => encodeArguments([cycle, 1])), /at most 1000 levels/);
  const nested: unknown[] = [];
  nested.push(nested);
  assert.match(
    refusal(() => decodeArguments([folder(1), nested])),
    /^\/Walk\/1\/0\/0\/.*at most 1000 levels/,
  );
});

Deno.test("recursion through generics, maps and optional fields is refused too", async () => {
  const { decodeArguments } = await handlerOf("Trees");
  const chain = JSON.parse(`${'{"head":1,"tail":'.repeat(5_000)}null${"}".repeat(5_000)}`);
  const staff = JSON.parse(
    `${'{"name":"","employer":{"staff":{"x":'.repeat(5_000)}{"name":""}${"}}}".repeat(5_000)}`,
  );
  const good = [tree(1), { head: 1, tail: null }, { name: "" }, 1];
  assert.equal(decodeArguments(good).length, 4);
  assert.match(refusal(() => decodeArguments([tree(5_000), ...good.slice(1)])), /^\/Trees\/0\/children\/0\//);
  assert.match(
    refusal(() => decodeArguments([good[0], chain, ...good.slice(2)])),
    /^\/Trees\/1\/tail\/tail\//,
  );
  assert.match(
    refusal(() => decodeArguments([good[0], good[1], staff, 1])),
    /^\/Trees\/2\/employer\/staff\/x\//,
  );
});

Deno.test("__proto__ is a key like any other", async () => {
  const map = await handlerOf("TextMap");
  const [decoded] = map.decodeArguments(JSON.parse('{"__proto__":1,"constructor":2}')) as [
    Map<string, number>,
  ];
  assert.deepEqual([...decoded], [["__proto__", 1], ["constructor", 2]]);
  assert.equal(JSON.stringify(map.encodeArguments([decoded])), '{"__proto__":1,"constructor":2}');

  const dictionary = await handlerOf("Dictionary");
  const [record] = dictionary.decodeArguments(JSON.parse('{"__proto__":1}')) as [object];
  assert.ok(Object.hasOwn(record, "__proto__"));
  assert.equal(Object.getPrototypeOf(record), Object.prototype);
  assert.deepEqual(dictionary.copyArguments([record]), [record]);
  assert.match(
    refusal(() => dictionary.decodeArguments(JSON.parse('{"__proto__":{"x":1}}'))),
    /^\/Dictionary\/__proto__: /,
  );

  const json = await handlerOf("Json");
  const [value] = json.decodeArguments(JSON.parse('{"__proto__":{"admin":true}}')) as [
    Record<string, unknown>,
  ];
  assert.equal(value.admin, undefined);
  assert.equal(({} as Record<string, unknown>).admin, undefined);
});

Deno.test("a record's fields are its own: inherited ones are not read, unknown ones are refused", async () => {
  const odd = await handlerOf("Odd");
  const text = refusal(() => odd.decodeArguments(JSON.parse('{"a-b":true,"7":1,"toString":1}')));
  assert.equal(text, "/Odd/constructor: expected string, got nothing");
  const injected = '{"constructor":"x","a-b":true,"7":1,"toString":1,"__proto__":{}}';
  assert.match(
    refusal(() => odd.decodeArguments(JSON.parse(injected))),
    /^\/Odd\/__proto__: expected no field of this name/,
  );
  const bytes = await handlerOf("Optional");
  assert.match(refusal(() => bytes.decodeArguments({ c: 1, d: null, extra: 1 })), /^\/Optional\/extra: /);
  assert.match(refusal(() => bytes.decodeArguments({ c: 1, "a/b~c": 1 })), /^\/Optional\/a~1b~0c: /);
});

Deno.test("fields a typed value has beyond its type stay at home", async () => {
  const optional = await handlerOf("Optional");
  const wide = { a: 1, c: 2, d: null, password: "secret" };
  assert.deepEqual(optional.copyArguments([wide]), [{ a: 1, c: 2, d: null }]);
  assert.deepEqual(optional.encodeArguments([wide]), { a: 1, c: 2, d: null });
});

Deno.test("a getter of a typed value is read, and what it gives is checked", async () => {
  const optional = await handlerOf("Optional");
  let reads = 0;
  const value = {
    get c() {
      return reads++ === 0 ? 1 : "not a number";
    },
    d: null,
  };
  try {
    const [copy] = optional.copyArguments([value]) as [{ c: unknown }];
    assert.equal(typeof copy.c, "number");
    assert.equal(Object.getOwnPropertyDescriptor(copy, "c")?.get, undefined);
  } catch (error) {
    assert.ok(error instanceof DecodeError);
  }
  const thrower = {
    get c(): number {
      throw new TypeError("mine");
    },
    d: null,
  };
  assert.throws(() => optional.copyArguments([thrower]), /^TypeError: mine$/);
});

Deno.test("holes, wrong lengths and wrong containers are refused", async () => {
  const lists = await handlerOf("Lists");
  assert.match(
    refusal(() => lists.decodeArguments([[1, , 3]])),
    /^\/Lists\/0\/1: expected u32, got nothing$/,
  );
  assert.match(
    refusal(() => lists.decodeArguments({ 0: [], length: 1 })),
    /^\/Lists: expected list, got object$/,
  );
  const tuples = await handlerOf("Tuples");
  assert.match(
    refusal(() => tuples.decodeArguments([[], [1]])),
    /^\/Tuples\/0: expected list of 1 to 2, got list of 0$/,
  );
  assert.match(
    refusal(() => tuples.decodeArguments([[1, "a", 2], [1]])),
    /^\/Tuples\/0: expected list of 1 to 2, got list of 3$/,
  );
  const record = await handlerOf("Texts");
  for (const wrong of [null, [], "x", 1, undefined]) {
    assert.match(refusal(() => record.decodeArguments(wrong)), /^\/Texts: expected object, got /);
  }
});

Deno.test("numbers that are none, and text that is no character, are refused in each direction", async () => {
  const integers = await handlerOf("Integers");
  for (const wrong of [NaN, Infinity, 1.5, 2 ** 32, "1", null]) {
    const args = [1, 1, wrong, 1, 1, 1];
    for (const convert of [integers.decodeArguments, integers.encodeArguments, integers.copyArguments]) {
      assert.match(refusal(() => convert(args)), /^\/Integers\/2: expected u32, got /);
    }
  }
  const [first] = integers.decodeArguments([-0, 0, 0, 0, 0, 0]);
  assert.ok(Object.is(first, 0));
  const texts = await handlerOf("Texts");
  assert.match(
    refusal(() => texts.decodeArguments({ a: "\ud800", b: "\ud800", c: true, d: null })),
    /^\/Texts\/b: expected char/,
  );
});

Deno.test("a discriminator decides, and an unknown one is named", async () => {
  const { decodeArguments } = await handlerOf("Figure");
  const rest = [{ mode: "fast", speed: 1 }, { at: 1, kind: "square", side: 2 }];
  assert.match(
    refusal(() => decodeArguments([{ kind: "cube" }, ...rest])),
    /^\/Figure\/0\/kind: expected "circle" or "square", got string "cube"$/,
  );
  assert.match(
    refusal(() => decodeArguments([{ radius: 1 }, ...rest])),
    /^\/Figure\/0\/kind: .* got nothing$/,
  );
  assert.match(
    refusal(() => decodeArguments([{ kind: "circle", radius: 1, side: 1 }, ...rest])),
    /^\/Figure\/0\/side: expected no field/,
  );
  assert.match(
    refusal(() => decodeArguments([{ kind: "circle", radius: 1 }, { mode: "fast", speed: -1 }, rest[1]])),
    /^\/Figure\/1\/speed: expected u32/,
  );
});

Deno.test("arguments come in the documented forms and in no other", async () => {
  const nothing = await handlerOf("Nothing");
  for (const wire of [undefined, null, {}, []]) assert.deepEqual(nothing.decodeArguments(wire), []);
  for (const wire of [0, "", false, [null], { a: 1 }]) {
    assert.match(refusal(() => nothing.decodeArguments(wire)), /^\/Nothing: expected no arguments, got /);
  }
  const one = await handlerOf("OneOptional");
  for (const wire of [undefined, null]) assert.deepEqual(one.decodeArguments(wire), [undefined]);
  assert.deepEqual(one.decodeArguments(5), [5]);
  assert.match(refusal(() => one.decodeArguments([5])), /^\/OneOptional: expected u32, got list of 1$/);
  const many = await handlerOf("Defaults");
  assert.deepEqual(many.decodeArguments([1]), [1, undefined, undefined]);
  assert.deepEqual(many.decodeArguments([1, null, 3]), [1, undefined, 3]);
  assert.deepEqual(many.encodeArguments([1, undefined, undefined]), [1]);
  assert.deepEqual(many.encodeArguments([1, undefined, 3]), [1, null, 3]);
  assert.match(
    refusal(() => many.decodeArguments([])),
    /^\/Defaults: expected list of 1 to 3 arguments, got list of 0$/,
  );
  assert.match(
    refusal(() => many.decodeArguments([1, "b", 3, 4])),
    /^\/Defaults: expected list of 1 to 3 arguments, got list of 4$/,
  );
  assert.match(
    refusal(() => many.decodeArguments(1)),
    /^\/Defaults: expected list of 1 to 3 arguments, got number 1$/,
  );
  assert.match(refusal(() => many.decodeArguments([1, 2])), /^\/Defaults\/1: expected string, got number 2$/);
});

Deno.test("a web Response has no wire form", async () => {
  const download = await handlerOf("Download");
  assert.equal(download.returnsResponse, true);
  assert.match(refusal(() => download.encodeResult(new Response())), /answers HTTP requests itself/);
});

Deno.test("saved state is taken whole or not at all", async () => {
  const { contract: { state }, make } = await generatedCase("every_type");
  const saved = state.encode(make());
  const instance = make() as { count: number; title: string };
  assert.match(
    refusal(() => state.decode(instance, { ...saved, count: 7, big: "x" })),
    /^\/big: expected bigint/,
  );
  assert.match(
    refusal(() => state.decode(instance, { ...saved, count: 7, former: 1 })),
    /^\/former: expected no field of this name/,
  );
  assert.match(refusal(() => state.decode(instance, [])), /expected EveryType, got list of 0/);
  assert.equal(instance.count, 0, "half of it was taken");
  assert.ok(!("fixed" in saved), "a constant of the class is not part of the state");
  state.decode(instance, { ...saved, fixed: "y" });
  assert.equal(
    (instance as unknown as { fixed: string }).fixed,
    "x",
    "an old record's constant does not count",
  );
  instance.title = "kept";
  state.decode(instance, { count: 7 });
  assert.deepEqual([instance.count, instance.title], [7, "kept"]);
  instance.count = NaN;
  assert.deepEqual(state.encode(instance).count, "NaN");
  Object.assign(instance, { level: 1 });
  assert.match(refusal(() => state.encode(instance)), /^\/level: expected 0, 5 or 6, got number 1$/);
});

Deno.test("parameters of a route know how they are written in a path, a query or a body", async () => {
  const { contract } = await generatedCase("every_type");
  const facts = (tag: string) =>
    contract.handlers[tag]!.parameters.map(({ text, bytes }) =>
      `${text ? "text" : "json"}${bytes ? " bytes" : ""}`
    );
  assert.deepEqual(facts("Integers").slice(0, 1), ["json"]);
  assert.deepEqual(facts("Bigs"), ["text", "text", "text"]);
  assert.deepEqual(facts("Date"), ["text"]);
  assert.deepEqual(facts("Bytes"), ["text bytes"]);
  assert.deepEqual(facts("Enums"), ["text", "text", "json", "json", "json"]);
  assert.deepEqual(facts("Unions").slice(0, 1), ["json"]);
  const [id] = contract.handlers.Bigs!.parameters;
  assert.equal(id!.decode("18446744073709551615"), 2n ** 64n - 1n);
  const [limit] = contract.handlers.OneOptional!.parameters;
  assert.deepEqual([limit!.decode(undefined), limit!.decode(5), limit!.optional], [undefined, 5, true]);
});
