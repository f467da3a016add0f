/** Random types, among those that the reader accepts, and the code that is generated for one. */
import fc from "fast-check";
import type { Contract } from "../../declare/contract.ts";
import { emitModule } from "../emit/typescript/module.ts";
import type { Field, Literal, NamedType, ProcessModel, Shape, TaggedCase } from "../model.ts";

const plain = (kind: "string" | "char" | "boolean" | "null" | "date" | "bytes" | "json"): Shape => ({ kind });

const INTEGERS: readonly Shape[] = [
  { kind: "integer", format: "u8", minimum: 0, maximum: 255 },
  { kind: "integer", format: "u32", minimum: 0, maximum: 2 ** 32 - 1 },
  { kind: "integer", format: "i16", minimum: -(2 ** 15), maximum: 2 ** 15 - 1 },
  { kind: "integer", format: "i32", minimum: -(2 ** 31), maximum: 2 ** 31 - 1 },
];
const BIGINTS: readonly Shape[] = [
  { kind: "bigint", format: "u64" },
  { kind: "bigint", format: "i64" },
  { kind: "bigint", format: "bigint" },
];
const F32: Shape = { kind: "float", format: "f32" };
const F64: Shape = { kind: "float", format: "f64" };
const FINITE: Shape = { kind: "float", format: "finite" };
const TYPED_ARRAYS = ["Int8Array", "Uint16Array", "Float32Array", "Float64Array", "BigInt64Array"] as const;

const LITERALS = {
  string: ["red", "green", "NaN", ""],
  number: [0, 1, -2.5],
  boolean: [true, false],
} as const;

const enumOf = (kind: keyof typeof LITERALS): fc.Arbitrary<Shape> =>
  fc.subarray<Literal["value"]>([...LITERALS[kind]], { minLength: 1 })
    .map((values): Shape => ({ kind: "enum", values: values.map((value) => ({ value })) }));

const leaf: fc.Arbitrary<Shape> = fc.oneof(
  fc.constantFrom(...INTEGERS, ...BIGINTS, F64),
  fc.constant(F32),
  fc.constantFrom(plain("string"), plain("char"), plain("boolean"), plain("date"), plain("bytes"), plain("json")),
  fc.constantFrom(...TYPED_ARRAYS).map((array): Shape => ({ kind: "typedArray", array })),
  enumOf("string"),
  enumOf("number"),
  fc.constant<Shape>({ kind: "named", name: "Tree" }),
);

const NAMES = ["a", "b", "constructor", "7", "x-y", "value"] as const;

function fields(depth: number): fc.Arbitrary<Field[]> {
  return fc.subarray([...NAMES], { maxLength: 3 }).chain((names) =>
    fc.tuple(...names.map((name) =>
      fc.tuple(shapes(depth - 1), fc.constantFrom(undefined, undefined, "absent" as const, "undefined" as const))
        .map(([shape, optional]): Field => optional === undefined ? { name, shape } : { name, shape, optional })
    ))
  );
}

const record = (depth: number): fc.Arbitrary<Shape> =>
  fields(depth).map((fields): Shape => ({ kind: "record", fields }));

function tagged(depth: number): fc.Arbitrary<Shape> {
  return fc.uniqueArray(fc.constantFrom<Literal["value"]>("circle", "square", 3), { minLength: 2 }).chain((values) =>
    fc.tuple(...values.map((value) =>
      fields(depth).map((rest): TaggedCase => ({
        values: [{ value }],
        shape: { kind: "record", fields: [{ name: "kind", shape: { kind: "enum", values: [{ value }] } }, ...rest] },
      }))
    )).map((cases): Shape => ({ kind: "tagged", discriminator: "kind", cases }))
  );
}

const tuple = (depth: number): fc.Arbitrary<Shape> =>
  fc.tuple(fc.array(shapes(depth - 1), { maxLength: 2 }), fc.array(shapes(depth - 1), { maxLength: 2 })).map(
    ([needed, more]): Shape => ({
      kind: "tuple",
      elements: [
        ...needed.map((shape) => ({ shape, optional: false })),
        ...more.map((shape) => ({ shape, optional: true })),
      ],
      readonly: false,
    }),
  );

/** Members that differ in JSON: for each, the kinds that it takes. */
function union(depth: number): fc.Arbitrary<Shape> {
  const members: readonly (readonly [readonly string[], fc.Arbitrary<Shape>])[] = [
    [["string"], fc.oneof(fc.constantFrom(plain("string"), plain("char"), plain("date")), enumOf("string"))],
    [["number"], fc.oneof(fc.constantFrom(...INTEGERS, FINITE), enumOf("number"))],
    [["number", "string"], fc.constantFrom(...BIGINTS, F32, F64)],
    [["boolean"], fc.constant(plain("boolean"))],
    [["list"], fc.oneof(list(depth), set(depth), tuple(depth))],
    [["object"], fc.oneof(record(depth), dictionary(depth), tagged(depth), result(depth))],
    [["object", "list"], map(depth)],
    [["string", "list"], fc.constant(plain("bytes"))],
  ];
  return fc.shuffledSubarray([...members], { minLength: 2, maxLength: 4 }).chain((chosen) => {
    const taken = new Set<string>();
    const kept = chosen.filter(([kinds]) => {
      if (kinds.some((kind) => taken.has(kind))) return false;
      kinds.forEach((kind) => taken.add(kind));
      return true;
    });
    if (kept.length < 2) return fc.constant(plain("boolean"));
    return fc.tuple(...kept.map(([, shape]) => shape)).map((members): Shape => ({ kind: "union", members }));
  });
}

const list = (depth: number): fc.Arbitrary<Shape> =>
  shapes(depth - 1).map((element): Shape => ({ kind: "list", element, readonly: false }));
const set = (depth: number): fc.Arbitrary<Shape> =>
  shapes(depth - 1).map((element): Shape => ({ kind: "set", element, readonly: false }));
const map = (depth: number): fc.Arbitrary<Shape> =>
  fc.tuple(shapes(depth - 1), shapes(depth - 1))
    .map(([key, value]): Shape => ({ kind: "map", key, value, readonly: false }));
const dictionary = (depth: number): fc.Arbitrary<Shape> =>
  shapes(depth - 1).map((value): Shape => ({ kind: "dictionary", value }));
const result = (depth: number): fc.Arbitrary<Shape> =>
  fc.tuple(shapes(depth - 1), shapes(depth - 1)).map(([ok, err]): Shape => ({ kind: "result", ok, err }));
const option = (depth: number): fc.Arbitrary<Shape> =>
  shapes(depth - 1).filter(({ kind }) => kind !== "option" && kind !== "json" && kind !== "null")
    .map((inner): Shape => ({ kind: "option", inner }));

export function shapes(depth: number): fc.Arbitrary<Shape> {
  if (depth <= 0) return leaf;
  const inner = [list, set, map, dictionary, tuple, record, option, result, tagged, union];
  return fc.oneof(leaf, ...inner.map((make) => fc.constant(null).chain(() => make(depth))));
}

/** The one named type that random types may refer to. It contains itself. */
export const TREE: NamedType = {
  name: "Tree",
  recursive: true,
  origin: { file: "/trees.ts", exported: "Tree", arguments: [] },
  shape: {
    kind: "record",
    fields: [
      { name: "size", shape: F32 },
      { name: "branches", shape: { kind: "list", element: { kind: "named", name: "Tree" }, readonly: false } },
      {
        name: "byName",
        shape: { kind: "map", key: { kind: "string" }, value: { kind: "named", name: "Tree" }, readonly: false },
        optional: "absent",
      },
      { name: "note", shape: { kind: "option", inner: { kind: "json" } }, optional: "undefined" },
    ],
  },
};

const modules = new Map<string, Promise<Contract>>();
const folder = Deno.makeTempDirSync();

/** The contract of a process whose state is `value`, and whose one handler takes and returns such a value. */
export function contractFor(shape: Shape): Promise<Contract> {
  const key = JSON.stringify(shape);
  const known = modules.get(key);
  if (known !== undefined) return known;
  const made = generated(shape, `${folder}/${modules.size}.ts`);
  modules.set(key, made);
  return made;
}

async function generated(shape: Shape, file: string): Promise<Contract> {
  const model: ProcessModel = {
    id: "random:golden:tests.os",
    className: "Random",
    name: "Random",
    keyed: false,
    turns: "serial",
    save: { kind: "everyMessage" },
    version: 1,
    migrations: [],
    endpoints: [],
    source: `${folder}/random.ts`,
    sources: [],
    digest: "",
    state: [{ name: "value", shape }],
    constants: [],
    types: [TREE],
    handlers: [{
      tag: "Echo",
      method: "echo",
      transports: ["local"],
      save: { kind: "everyMessage" },
      parameters: [{ name: "value", shape, optional: false }],
      takesContext: false,
      result: shape,
    }],
  };
  const [emitted] = await emitModule(model);
  const codec = import.meta.resolve("../../codec/mod.ts");
  Deno.writeTextFileSync(file, emitted!.text.replace("@denizen/macro/codec", codec));
  return (await import(`file://${file}`) as { readonly contract: Contract }).contract;
}
