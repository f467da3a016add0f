/** Writes shapes as TypeScript types. */
import type { Field, Literal, NamedType, Shape } from "../../model.ts";
import type { ModuleNames } from "./module_names.ts";

export class ShapeText {
  constructor(private readonly names: ModuleNames, private readonly types: ReadonlyMap<string, NamedType>) {}

  of(shape: Shape): string {
    switch (shape.kind) {
      case "integer":
        return this.names.macro(shape.format);
      case "bigint":
        return shape.format === "bigint" ? "bigint" : this.names.macro(shape.format);
      case "float":
        return shape.format === "f32" ? this.names.macro("f32") : "number";
      case "char":
      case "json":
        return this.names.macro(shape.kind === "char" ? "char" : "Json");
      case "date":
        return "Date";
      case "bytes":
        return "Uint8Array<ArrayBuffer>";
      case "typedArray":
        return `${shape.array}<ArrayBuffer>`;
      case "enum":
        return shape.values.map((value) => this.literal(value)).join(" | ");
      case "list":
        return `${shape.readonly ? "readonly " : ""}${this.#grouped(shape.element)}[]`;
      case "set":
        return `${shape.readonly ? "ReadonlySet" : "Set"}<${this.of(shape.element)}>`;
      case "map":
        return `${shape.readonly ? "ReadonlyMap" : "Map"}<${this.of(shape.key)}, ${this.of(shape.value)}>`;
      case "dictionary":
        return `Record<string, ${this.of(shape.value)}>`;
      case "tuple": {
        const elements = shape.elements.map(({ shape, optional }) =>
          optional ? `${this.#grouped(shape)}?` : this.of(shape)
        );
        return `${shape.readonly ? "readonly " : ""}[${elements.join(", ")}]`;
      }
      case "record":
        return shape.fields.length === 0
          ? "Record<never, never>"
          : `{ ${shape.fields.map((f) => this.#field(f)).join("; ")} }`;
      case "option":
        return `${this.of(shape.inner)} | null`;
      case "result":
        return `${this.names.macro("Result")}<${this.of(shape.ok)}, ${this.of(shape.err)}>`;
      case "tagged":
        return shape.cases.map((one) => this.of(one.shape)).join(" | ");
      case "union":
        return shape.members.map((member) => this.of(member)).join(" | ");
      case "named": {
        const { origin } = this.types.get(shape.name)!;
        const args = origin.arguments.map((arg) => this.of(arg));
        return this.names.app(origin) + (args.length === 0 ? "" : `<${args.join(", ")}>`);
      }
      default:
        return shape.kind;
    }
  }

  literal(literal: Literal): string {
    if (literal.member === undefined) return JSON.stringify(literal.value);
    return `${this.names.app(this.types.get(literal.member.enum)!.origin)}.${literal.member.name}`;
  }

  #field({ name, shape, optional }: Field): string {
    const text = `${propertyName(name)}${optional === "absent" ? "?" : ""}: ${this.of(shape)}`;
    return optional === "undefined" ? `${text} | undefined` : text;
  }

  /** In parentheses where `[]` would apply to the last part only. */
  #grouped(shape: Shape): string {
    const text = this.of(shape);
    return text.includes(" | ") || text.startsWith("readonly ") ? `(${text})` : text;
  }
}

const PLAIN_NAME = /^[\p{ID_Start}$_][\p{ID_Continue}$]*$/u;

/** A property's name in a type or object literal. */
export function propertyName(name: string): string {
  if (name === "__proto__") return '["__proto__"]';
  return PLAIN_NAME.test(name) ? name : JSON.stringify(name);
}

/** A property of the object in `variable`. */
export function property(variable: string, name: string): string {
  return PLAIN_NAME.test(name) ? `${variable}.${name}` : `${variable}[${JSON.stringify(name)}]`;
}

/** A list of strings in code. */
export function jsonList(texts: readonly string[]): string {
  return `[${texts.map((text) => JSON.stringify(text)).join(", ")}]`;
}
