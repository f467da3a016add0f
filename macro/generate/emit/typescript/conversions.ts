/** Chooses the function that converts a shape, and writes each function on first use. */
import type { NamedType, Shape } from "../../model.ts";
import { shapeKey, shapeStem } from "../../shape_key.ts";
import type { Converting, Role } from "./converting.ts";
import { functionLines } from "./function_bodies.ts";
import type { ModuleNames } from "./module_names.ts";
import { ShapeFacts } from "./shape_facts.ts";
import { ShapeText } from "./shape_text.ts";
import type { Pair } from "./equal_bodies.ts";

type Primitive = readonly [decode: string, encode: string, store: string, copy: string];

function primitive(shape: Shape): Primitive | undefined {
  const same = (name: string): Primitive => [name, name, name, name];
  const wide = (encode: string, store: string): Primitive => [`decode${stem}`, encode, store, `check${stem}`];
  const stem = shapeStem(shape);
  switch (shape.kind) {
    case "integer":
    case "char":
    case "boolean":
    case "null":
      return same(`check${stem}`);
    case "string":
      return ["checkString", "checkString", "storeString", "checkString"];
    case "bigint":
      return wide(`encode${stem}`, shape.format === "bigint" ? "storeBigint" : `encode${stem}`);
    case "float":
      return shape.format === "finite" ? same("checkFinite") : wide(`encode${stem}`, `encode${stem}`);
    case "json":
      return ["copyJson", "copyJson", "storeJson", "copyJson"];
    case "void":
    case "date":
      return [`decode${stem}`, `encode${stem}`, `encode${stem}`, `copy${stem}`];
    case "bytes":
      return ["decodeBytes", "encodeBytes", "storeBytes", "copyBytes"];
    default:
      return undefined;
  }
}

const ROLE_AT = { decode: 0, encode: 1, store: 2, copy: 3 } as const;

export class Conversions implements Converting {
  readonly facts: ShapeFacts;
  readonly text: ShapeText;
  readonly #functions = new Map<string, string>();
  readonly #stems = new Map<string, string>();
  readonly #takenStems = new Set<string>();
  readonly #written = new Map<string, string[][]>();

  constructor(readonly names: ModuleNames, readonly types: ReadonlyMap<string, NamedType>) {
    this.facts = new ShapeFacts(types);
    this.text = new ShapeText(names, types);
    for (const name of types.keys()) this.#takenStems.add(name);
  }

  /** The functions, those of one shape together, in the order of their first use. */
  get functions(): readonly (readonly string[])[] {
    return [...this.#written.values()].flat();
  }

  /** The functions that encode and copy values of one shape. */
  get pairs(): readonly Pair[] {
    return [...this.#functions].flatMap(([key, encode]) => {
      const copy = key.startsWith("encode ")
        ? this.#functions.get(key.replace("encode ", "copy "))
        : undefined;
      return copy === undefined ? [] : [{ encode, copy }];
    });
  }

  convert(shape: Shape, role: Role, value: string, depth: string, hint: string): string {
    const after = this.facts.needsDepth(shape) ? `, ${depth}` : "";
    const use = (part: Shape, name: string) => this.reference(part, role, name);
    const call = (name: string, ...parts: string[]) =>
      `${this.names.codec(name)}(${[value, ...parts].join(", ")}${after})`;
    const mutable = role === "decode" || role === "copy";
    const direct = primitive(shape)?.[ROLE_AT[role]];
    if (direct !== undefined) return `${this.names.codec(direct)}(${value})`;
    switch (shape.kind) {
      case "typedArray":
        return `${this.names.codec(`${role}TypedArray`)}(${value}, "${shape.array}")`;
      case "enum": {
        const [only, another] = shape.values;
        if (only === undefined || another !== undefined) break;
        const text = `${this.names.codec("checkLiteral")}(${value}, ${JSON.stringify(only.value)})`;
        return only.member && mutable ? `${text} as unknown as ${this.text.literal(only)}` : text;
      }
      case "list":
        return call(
          this.#listFunction(shape.element, role),
          use(shape.element, `${hint}Item`),
        );
      case "set":
        return call(
          `${role}${!mutable && this.facts.mayCollide(shape.element) ? "Distinct" : ""}Set`,
          use(shape.element, `${hint}Item`),
        );
      case "map":
        return call(
          this.#mapFunction(shape.key, role),
          use(shape.key, `${hint}Key`),
          use(shape.value, `${hint}Value`),
        );
      case "dictionary":
        return call(`${role === "store" ? role : "convert"}Dictionary`, use(shape.value, `${hint}Value`));
      case "option":
        return `${value} == null ? null : ${this.convert(shape.inner, role, value, depth, hint)}`;
      case "result":
        return call(
          `${role === "store" ? role : "convert"}Result`,
          use(shape.ok, `${hint}Ok`),
          use(shape.err, `${hint}Err`),
        );
    }
    return `${this.#function(shape, role, hint)}(${value}${after})`;
  }

  #listFunction(element: Shape, role: Role): string {
    if (role === "decode" || role === "copy" || !this.facts.isPlain(element)) {
      return role === "store" ? "storeList" : "convertList";
    }
    return `${role}PlainList`;
  }

  #mapFunction(key: Shape, role: Role): string {
    if (role === "copy") return "copyMap";
    if (role !== "store" && this.facts.isText(key)) return `${role}TextMap`;
    return `${role}${role !== "decode" && this.facts.mayCollide(key) ? "Distinct" : ""}Map`;
  }

  reference(shape: Shape, role: Role, hint: string): string {
    const direct = primitive(shape)?.[ROLE_AT[role]];
    return direct === undefined ? this.#function(shape, role, hint) : this.names.codec(direct);
  }

  entry(shape: Shape, role: Role, hint: string): string {
    const name = this.reference(shape, role, hint);
    return this.facts.needsDepth(shape) ? `(value) => ${name}(value, 0)` : name;
  }

  #function(shape: Shape, role: Role, hint: string): string {
    const wanted = role === "store" && !this.facts.differsInStore(shape) ? "encode" : role;
    const one = this.facts.resolve(shape).kind === "enum" ? "check" : wanted;
    const key = `${one} ${shapeKey(shape)}`;
    const known = this.#functions.get(key);
    if (known !== undefined) return known;
    const stem = this.stem(shape, hint);
    const name = this.names.claim(one + stem);
    this.#functions.set(key, name);
    const lines: string[] = [];
    this.#written.set(stem, [...this.#written.get(stem) ?? [], lines]);
    lines.push(...functionLines(this, name, shape, wanted, hint));
    return name;
  }

  stem(shape: Shape, hint: string): string {
    switch (shape.kind) {
      case "list":
      case "set":
        return shapeStem({ ...shape, element: this.#leaf(shape.element, `${hint}Item`) });
      case "map": {
        const value = this.#leaf(shape.value, `${hint}Value`);
        return shapeStem({ ...shape, key: this.#leaf(shape.key, `${hint}Key`), value });
      }
      case "dictionary":
        return shapeStem({ ...shape, value: this.#leaf(shape.value, `${hint}Value`) });
      case "option":
        return shapeStem({ ...shape, inner: this.#leaf(shape.inner, hint) });
      case "result":
        return shapeStem({
          ...shape,
          ok: this.#leaf(shape.ok, `${hint}Ok`),
          err: this.#leaf(shape.err, `${hint}Err`),
        });
      case "record":
      case "tuple":
      case "tagged":
      case "union":
      case "enum":
        return this.#claimStem(shape, hint);
      default:
        return shapeStem(shape);
    }
  }

  #leaf(shape: Shape, hint: string): Shape {
    return { kind: "named", name: this.stem(shape, hint) };
  }

  #claimStem(shape: Shape, hint: string): string {
    const key = shapeKey(shape);
    const known = this.#stems.get(key);
    if (known !== undefined) return known;
    let name = hint;
    for (let count = 2; this.#takenStems.has(name); count++) name = `${hint}_${count}`;
    this.#takenStems.add(name);
    this.#stems.set(key, name);
    return name;
  }
}
