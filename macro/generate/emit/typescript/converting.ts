/**
 * The interface between the writers of conversions. One shape has four: `decode` (wire to typed), `encode`
 * (typed to wire), `store` (typed to what is saved) and `copy` (typed to typed); only those that are used
 * are written.
 */
import type { NamedType, Shape } from "../../model.ts";
import type { ModuleNames } from "./module_names.ts";
import type { ShapeFacts } from "./shape_facts.ts";
import type { ShapeText } from "./shape_text.ts";

export type Role = "decode" | "encode" | "store" | "copy";

export interface Converting {
  readonly names: ModuleNames;
  readonly types: ReadonlyMap<string, NamedType>;
  readonly facts: ShapeFacts;
  readonly text: ShapeText;
  /**
   * An expression that converts `value`, which may be evaluated twice.
   *
   * @param depth an expression for how deep the value is.
   * @param hint names the shape if it has no name of its own.
   */
  convert(shape: Shape, role: Role, value: string, depth: string, hint: string): string;
  /** The name of a function that converts such values. */
  reference(shape: Shape, role: Role, hint: string): string;
  /** A function of the value alone, for any depth. */
  entry(shape: Shape, role: Role, hint: string): string;
}

/** A function being written. */
export interface Body {
  readonly conversions: Converting;
  readonly role: Role;
  /** The parameter's name. */
  readonly value: string;
  /** The expression for how deep parts are. */
  readonly depth: string;
  readonly hint: string;
  /** The TypeScript type of what is returned. */
  readonly type: string;
  /** What the value should be, for errors. */
  readonly expected: string;
}
