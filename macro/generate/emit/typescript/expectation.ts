/** The expected value, as error texts name it. */
import type { Shape } from "../../model.ts";

/** `a`, `a or b`, `a, b or c`. */
export function orList(texts: readonly string[]): string {
  return texts.length < 2 ? texts.join() : `${texts.slice(0, -1).join(", ")} or ${texts.at(-1)}`;
}

export function expectation(shape: Shape): string {
  switch (shape.kind) {
    case "integer":
    case "bigint":
      return shape.format;
    case "float":
      return "number";
    case "typedArray":
      return shape.array;
    case "date":
      return "Date";
    case "enum":
      return orList(shape.values.map((literal) => JSON.stringify(literal.value)));
    case "set":
    case "tuple":
      return "list";
    case "map":
    case "record":
    case "dictionary":
    case "tagged":
    case "result":
      return "object";
    case "named":
      return shape.name;
    default:
      return shape.kind;
  }
}
