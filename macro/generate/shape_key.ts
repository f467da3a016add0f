/** Identifies shapes, and names those without a name. */
import type { Shape } from "./model.ts";

/** A text that is equal for equal shapes; comments and `readonly` do not count. */
export function shapeKey(shape: Shape): string {
  return JSON.stringify(shape, (key, value) => key === "doc" || key === "readonly" ? undefined : value);
}

function capitalized(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/**
 * A part of an identifier that describes a shape: `ListOfTodo`. Not unique for records, tuples and unions.
 */
export function shapeStem(shape: Shape): string {
  switch (shape.kind) {
    case "integer":
    case "bigint":
    case "float":
      return capitalized(shape.format);
    case "typedArray":
      return shape.array;
    case "list":
    case "set":
      return `${capitalized(shape.kind)}Of${shapeStem(shape.element)}`;
    case "map":
      return `MapOf${shapeStem(shape.key)}To${shapeStem(shape.value)}`;
    case "dictionary":
      return `RecordOf${shapeStem(shape.value)}`;
    case "option":
      return `OptionOf${shapeStem(shape.inner)}`;
    case "result":
      return `ResultOf${shapeStem(shape.ok)}Or${shapeStem(shape.err)}`;
    case "tuple":
      return shape.elements.length === 0
        ? "EmptyTuple"
        : `TupleOf${shape.elements.map((e) => shapeStem(e.shape)).join("And")}`;
    case "union":
      return shape.members.map(shapeStem).join("Or");
    case "named":
      return shape.name;
    default:
      return capitalized(shape.kind);
  }
}
