/** Facts about a shape, including its parts, that its conversions need. */
import type { NamedType, Shape } from "../../model.ts";

function partsOf(shape: Shape): readonly Shape[] {
  switch (shape.kind) {
    case "list":
    case "set":
      return [shape.element];
    case "map":
      return [shape.key, shape.value];
    case "dictionary":
      return [shape.value];
    case "tuple":
      return shape.elements.map((element) => element.shape);
    case "record":
      return shape.fields.map((field) => field.shape);
    case "option":
      return [shape.inner];
    case "result":
      return [shape.ok, shape.err];
    case "tagged":
      return shape.cases.map((one) => one.shape);
    case "union":
      return shape.members;
    default:
      return [];
  }
}

/** The kinds that differ in a state. */
const NOTED: ReadonlySet<Shape["kind"]> = new Set([
  "string",
  "json",
  "bytes",
  "typedArray",
  "list",
  "set",
  "map",
  "dictionary",
  "tuple",
  "record",
  "result",
]);

export class ShapeFacts {
  constructor(private readonly types: ReadonlyMap<string, NamedType>) {}

  /** The shape behind a name. */
  resolve(shape: Shape): Shape {
    let found = shape;
    while (found.kind === "named") found = this.types.get(found.name)!.shape;
    return found;
  }

  /** It contains a recursive type, so its conversions count their depth. */
  needsDepth(shape: Shape): boolean {
    return this.#some(shape, (part) => part.kind === "named" && this.types.get(part.name)!.recursive);
  }

  /** It holds what a state notes while it is encoded: containers, and texts of any length. */
  differsInStore(shape: Shape): boolean {
    return this.#some(
      shape,
      (part) => NOTED.has(part.kind) || (part.kind === "bigint" && part.format === "bigint"),
    );
  }

  /** A state of such fields is encoded under a walk that notes its containers and its size. */
  holdsContainers(shape: Shape): boolean {
    return this.#some(shape, (part) => part.kind !== "string" && NOTED.has(part.kind));
  }

  /**
   * Two different values of it, neither a container, may have one wire form: numbers that are one as an
   * `f32`.
   */
  mayCollide(shape: Shape): boolean {
    const found = this.resolve(shape);
    switch (found.kind) {
      case "float":
        return found.format === "f32";
      case "option":
        return true;
      case "union":
        return found.members.some((member) => this.mayCollide(member));
      default:
        return false;
    }
  }

  /** The wire form is the typed value itself. */
  isPlain(shape: Shape): boolean {
    switch (shape.kind) {
      case "integer":
      case "string":
      case "char":
      case "boolean":
      case "null":
      case "enum":
        return true;
      case "float":
        return shape.format === "finite";
      case "list":
        return this.isPlain(shape.element);
      case "named":
        return this.resolve(shape).kind === "enum";
      default:
        return false;
    }
  }

  /** The wire form is a string. */
  isText(shape: Shape): boolean {
    const found = this.resolve(shape);
    if (found.kind === "enum") return found.values.every((literal) => typeof literal.value === "string");
    return found.kind === "string" || found.kind === "char";
  }

  /** The shape of the values that are not `null`. */
  valueOf(shape: Shape): Shape {
    const found = this.resolve(shape);
    return found.kind === "option" ? this.valueOf(found.inner) : found;
  }

  /** The wire form may be a string: text in a path or query needs no quotes. */
  isTextual(shape: Shape): boolean {
    const { kind } = this.resolve(shape);
    return this.isText(shape) || kind === "date" || kind === "bigint" || kind === "bytes" ||
      kind === "typedArray";
  }

  isNullable(shape: Shape): boolean {
    const { kind } = this.resolve(shape);
    return kind === "option" || kind === "null" || kind === "json";
  }

  #some(shape: Shape, test: (part: Shape) => boolean, seen = new Set<string>()): boolean {
    if (test(shape)) return true;
    if (shape.kind !== "named") return partsOf(shape).some((part) => this.#some(part, test, seen));
    if (seen.has(shape.name)) return false;
    seen.add(shape.name);
    return this.#some(this.types.get(shape.name)!.shape, test, seen);
  }
}
