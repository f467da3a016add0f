/**
 * Reads the types that packs give their ports: the part of TypeScript's type syntax that describes plain
 * data. The text comes from the pack and is only ever read, never run. A type this file cannot read is `any`,
 * so its port is not checked.
 */
import { TYPED_ARRAY_NAMES, type TypedArrayName } from "@denizen/macro/codec";
import { PACK_TYPE_CHARACTERS_MAX, PACK_TYPE_DEPTH_MAX } from "../limits.ts";

export interface FieldType {
  readonly type: PortType;
  readonly optional: boolean;
}

/** The possible values of a port. The `text` of a union is the pack's own. */
export type PortType =
  | { readonly kind: "any" }
  | { readonly kind: "string" | "number" | "boolean" | "undefined" | "never" }
  | { readonly kind: "object" }
  | { readonly kind: "literal"; readonly value: string | number | boolean | null }
  | { readonly kind: "typed array"; readonly name: TypedArrayName | "Uint8Array" }
  | { readonly kind: "list"; readonly item: PortType }
  | { readonly kind: "tuple"; readonly items: readonly FieldType[]; readonly rest: PortType | undefined }
  | { readonly kind: "fields"; readonly fields: ReadonlyMap<string, FieldType>; readonly rest: PortType }
  | { readonly kind: "union"; readonly members: readonly PortType[]; readonly text: string };

type Fields = Extract<PortType, { kind: "fields" }>;

const ANY: PortType = { kind: "any" };
const NO_FIELDS: ReadonlyMap<string, FieldType> = new Map();

/** Types that are one word. Bigints have no form in a frame, so the pack's side decides about them. */
const WORDS: ReadonlyMap<string, PortType> = new Map<string, PortType>([
  ...(["string", "number", "boolean", "undefined", "never"] as const)
    .map((kind): [string, PortType] => [kind, { kind }]),
  ["object", { kind: "object" }],
  ...TYPED_ARRAY_NAMES.map((name): [string, PortType] => [name, { kind: "typed array", name }]),
  ["Uint8Array", { kind: "typed array", name: "Uint8Array" }],
  ["bytes", { kind: "typed array", name: "Uint8Array" }],
  ["null", { kind: "literal", value: null }],
  ["true", { kind: "literal", value: true }],
  ["false", { kind: "literal", value: false }],
  ["unknown", ANY],
  ["bigint", ANY],
]);

/** The text is not a type that this file reads. Never leaves it. */
class Unreadable extends Error {}

/**
 * The type of a port, such as `string | Float32Array`; `any` for other types, and for a port without a type.
 */
export function readPortType(text: string | undefined): PortType {
  if (text === undefined || text.length > PACK_TYPE_CHARACTERS_MAX) return ANY;
  try {
    return new TypeReader(text).whole();
  } catch (thrown) {
    if (thrown instanceof Unreadable) return ANY;
    throw thrown;
  }
}

/** Whether a value may be left out. */
export function mayBeAbsent(type: PortType): boolean {
  if (type.kind === "union") return type.members.some(mayBeAbsent);
  return type.kind === "any" || type.kind === "undefined";
}

interface Token {
  readonly text: string;
  readonly from: number;
  readonly to: number;
}

const TOKEN =
  /\s*(?:([A-Za-z_$][\w$]*|"[^"\\\n]*"|'[^'\\\n]*'|-?\d+(?:\.\d+)?|\.\.\.|[[\]{}()<>|&,;:?])|(\S))/gy;

function tokensOf(text: string): Token[] {
  return [...text.matchAll(TOKEN)].map((match) => {
    const [, token] = match;
    if (token === undefined) throw new Unreadable();
    const to = match.index + match[0].length;
    return { text: token, from: to - token.length, to };
  });
}

class TypeReader {
  readonly #text: string;
  readonly #tokens: readonly Token[];
  #at = 0;
  #depth = 0;

  constructor(text: string) {
    this.#text = text;
    this.#tokens = tokensOf(text);
  }

  whole(): PortType {
    const type = this.#type();
    this.#takes(";");
    if (this.#at < this.#tokens.length) throw new Unreadable();
    return type;
  }

  #type(): PortType {
    if (++this.#depth > PACK_TYPE_DEPTH_MAX) throw new Unreadable();
    this.#takes("|");
    const from = this.#at;
    const members: PortType[] = [];
    do members.push(this.#intersection()); while (this.#takes("|"));
    this.#depth--;
    if (members.length === 1) return members[0]!;
    if (members.some(({ kind }) => kind === "any")) return ANY;
    const text = this.#text.slice(this.#tokens[from]!.from, this.#tokens[this.#at - 1]!.to);
    return { kind: "union", members, text };
  }

  #intersection(): PortType {
    this.#takes("&");
    let type = this.#suffixed();
    while (this.#takes("&")) type = intersect(type, this.#suffixed());
    return type;
  }

  /** A type with as many `[]` as follow it. */
  #suffixed(): PortType {
    this.#takes("readonly");
    let type = this.#simple();
    for (let depth = this.#depth; this.#takes("["); depth++) {
      if (depth > PACK_TYPE_DEPTH_MAX) throw new Unreadable();
      this.#expect("]");
      type = { kind: "list", item: type };
    }
    return type;
  }

  #simple(): PortType {
    const token = this.#next();
    if (token === "(") {
      const type = this.#type();
      this.#expect(")");
      return type;
    }
    if (token === "{") return this.#fields();
    if (token === "[") return this.#tuple();
    if (/^["']/.test(token)) return { kind: "literal", value: token.slice(1, -1) };
    if (/^-?\d/.test(token)) return { kind: "literal", value: Number(token) };
    if (this.#peek() === "<") return this.#generic(token);
    const word = WORDS.get(token);
    if (!word) throw new Unreadable();
    return word;
  }

  #generic(name: string): PortType {
    this.#expect("<");
    const first = this.#type();
    const second = this.#takes(",") ? this.#type() : undefined;
    this.#expect(">");
    if (name === "Record" && second) return recordOf(first, second);
    if (second) throw new Unreadable();
    if (name === "Array" || name === "ReadonlyArray") return { kind: "list", item: first };
    if (name === "Readonly") return first;
    if (name === "Partial" && first.kind === "fields") {
      const fields = [...first.fields].map(([key, { type }]) => [key, { type, optional: true }] as const);
      return { ...first, fields: new Map(fields) };
    }
    throw new Unreadable();
  }

  #fields(): PortType {
    const fields = new Map<string, FieldType>();
    let rest = ANY;
    while (!this.#takes("}")) {
      if (this.#peek() === "readonly" && !/^[?:]$/.test(this.#peek(1))) this.#next();
      if (this.#takes("[")) {
        this.#next();
        this.#expect(":");
        this.#type();
        this.#expect("]");
        this.#expect(":");
        rest = this.#type();
      } else {
        const name = this.#next().replace(/^(["'])(.*)\1$/, "$2");
        const optional = this.#takes("?");
        this.#expect(":");
        fields.set(name, { type: this.#type(), optional });
      }
      if (!this.#takes(";") && !this.#takes(",") && this.#peek() !== "}") throw new Unreadable();
    }
    return { kind: "fields", fields, rest };
  }

  #tuple(): PortType {
    const items: FieldType[] = [];
    while (!this.#takes("]")) {
      const isRest = this.#takes("...");
      const labelled = this.#peek(1) === ":" || this.#peek(1) === "?" && this.#peek(2) === ":";
      if (labelled) this.#next();
      let optional = labelled && this.#takes("?");
      if (labelled) this.#expect(":");
      const type = this.#type();
      optional ||= this.#takes("?");
      if (isRest) {
        this.#expect("]");
        if (type.kind !== "list") throw new Unreadable();
        return { kind: "tuple", items, rest: type.item };
      }
      items.push({ type, optional });
      if (!this.#takes(",") && this.#peek() !== "]") throw new Unreadable();
    }
    return { kind: "tuple", items, rest: undefined };
  }

  #peek(ahead = 0): string {
    return this.#tokens[this.#at + ahead]?.text ?? "";
  }

  #next(): string {
    const token = this.#tokens[this.#at++];
    if (!token) throw new Unreadable();
    return token.text;
  }

  #takes(text: string): boolean {
    if (this.#peek() !== text) return false;
    this.#at++;
    return true;
  }

  #expect(text: string): void {
    if (!this.#takes(text)) throw new Unreadable();
  }
}

function recordOf(key: PortType, value: PortType): PortType {
  if (key.kind === "string" || key.kind === "number") {
    return { kind: "fields", fields: NO_FIELDS, rest: value };
  }
  const keys = key.kind === "union" ? key.members : [key];
  const fields = keys.map((key): [string, FieldType] => {
    if (key.kind !== "literal" || typeof key.value !== "string") throw new Unreadable();
    return [key.value, { type: value, optional: false }];
  });
  return { kind: "fields", fields: new Map(fields), rest: ANY };
}

/** Objects with the fields of both. Other intersections, and fields that both have, are not read. */
function intersect(a: PortType, b: PortType): PortType {
  const isOpen = (type: PortType): type is Fields => type.kind === "fields" && type.rest.kind === "any";
  if (!isOpen(a) || !isOpen(b)) throw new Unreadable();
  if ([...b.fields.keys()].some((name) => a.fields.has(name))) throw new Unreadable();
  return { kind: "fields", fields: new Map([...a.fields, ...b.fields]), rest: ANY };
}
