/** Values of a payload. They point into it and are valid during the tick. */
import { decodeString, elementAt, elementSize, skipSpace, skipString, skipValue, stringIs } from "./json";
import { parseNumber } from "./number";

export enum Kind {
  None,
  Null,
  Bool,
  Number,
  Text,
  List,
  Object,
  Attachment,
}

/** The start of the attachments of the running tick. */
let attachments: usize = 0;

export function setAttachments(base: usize): void {
  attachments = base;
}

const nothing = new ArrayBuffer(0);

/** A typed array over borrowed memory, at `dataStart`. */
export function viewOf<T>(from: usize, bytes: usize): T {
  const view = changetype<T>(__new(offsetof<T>(), idof<T>()));
  __link(changetype<usize>(view), changetype<usize>(nothing), false);
  store<usize>(changetype<usize>(view), changetype<usize>(nothing), offsetof<T>("buffer"));
  store<usize>(changetype<usize>(view), from, offsetof<T>("dataStart"));
  store<i32>(changetype<usize>(view), <i32> bytes, offsetof<T>("byteLength"));
  return view;
}

export class Value {
  constructor(
    /** 0 if there is no value. */
    readonly at: usize,
    readonly quote: usize = 0,
  ) {}

  get exists(): bool {
    return this.at != 0;
  }

  get kind(): Kind {
    if (this.at == 0) return Kind.None;
    switch (load<u8>(this.at)) {
      case 34: return Kind.Text;
      case 91: return Kind.List;
      case 102:
      case 116: return Kind.Bool;
      case 110: return Kind.Null;
      case 123: return elementAt(this.at) < 0 ? Kind.Object : Kind.Attachment;
      default: return Kind.Number;
    }
  }

  /** Every reader returns `otherwise` for a missing value or one of another kind. */
  bool(otherwise: bool = false): bool {
    return this.kind == Kind.Bool ? load<u8>(this.at) == 116 : otherwise;
  }

  number(otherwise: f64 = 0): f64 {
    if (this.kind != Kind.Number) return otherwise;
    return parseNumber(this.at);
  }

  /** A whole number that fits; others count as absent. */
  integer(otherwise: i64 = 0): i64 {
    if (this.kind != Kind.Number) return otherwise;
    const negative = load<u8>(this.at) == 45;
    const limit: u64 = negative ? <u64> i64.MAX_VALUE + 1 : <u64> i64.MAX_VALUE;
    let whole: u64 = 0, p = negative ? this.at + 1 : this.at;
    for (; load<u8>(p) >= 48 && load<u8>(p) <= 57; p++) {
      const digit = <u64> (load<u8>(p) - 48);
      if (whole > (limit - digit) / 10) return otherwise;
      whole = whole * 10 + digit;
    }
    if (load<u8>(p) != 46 && (load<u8>(p) | 32) != 101) return negative ? 0 - <i64> whole : <i64> whole;
    const number = this.number();
    return Math.abs(number) <= 9007199254740992.0 && <f64> (<i64> number) == number ? <i64> number : otherwise;
  }

  text(otherwise: string = ""): string {
    return this.kind == Kind.Text ? decodeString(this.at) : otherwise;
  }

  is(text: string): bool {
    return this.kind == Kind.Text && stringIs(this.at, text);
  }

  /** An attachment of bytes, as a view that is valid during the tick; null for another kind. */
  bytes(): Uint8Array | null {
    return this.view<Uint8Array>(0);
  }

  floats(): Float32Array | null {
    return this.view<Float32Array>(6);
  }

  doubles(): Float64Array | null {
    return this.view<Float64Array>(7);
  }

  integers(): Int32Array | null {
    return this.view<Int32Array>(5);
  }

  private view<T>(element: i32): T | null {
    if (this.at == 0 || elementAt(this.at) != element) return null;
    return viewOf<T>(this.attachmentAt, this.attachmentLength * elementSize(element));
  }

  get attachmentAt(): usize {
    return attachments + this.pair(0);
  }

  /** In elements. */
  get attachmentLength(): usize {
    return this.pair(1);
  }

  private pair(index: i32): usize {
    let p = this.at;
    while (load<u8>(p) != 91) p++;
    let number: usize = 0;
    for (let i = 0; i <= index; i++) {
      while (load<u8>(p) < 48 || load<u8>(p) > 57) p++;
      number = 0;
      for (; load<u8>(p) >= 48 && load<u8>(p) <= 57; p++) number = number * 10 + load<u8>(p) - 48;
    }
    return number;
  }

  /** A member of an object. */
  get(key: string): Value {
    let found: Value = NONE;
    if (this.kind != Kind.Object) return found;
    for (let item = this.first(); item.exists; item = item.next()) {
      if (stringIs(item.quote, key)) found = item;
    }
    return found;
  }

  /** `for (let item = list.first(); item.exists; item = item.next())`, over lists and objects. */
  first(): Value {
    const kind = this.kind;
    if (kind != Kind.List && kind != Kind.Object) return NONE;
    const p = skipSpace(this.at + 1), c = load<u8>(p);
    return c == 93 || c == 125 ? NONE : itemAt(p, kind == Kind.Object);
  }

  next(): Value {
    if (this.at == 0) return NONE;
    const p = skipSpace(skipValue(this.at));
    return load<u8>(p) == 44 ? itemAt(p + 1, this.quote != 0) : NONE;
  }

  /** The name of a member reached by `first` and `next`. */
  get key(): string {
    return this.quote == 0 ? "" : decodeString(this.quote);
  }
}

export const NONE = new Value(0);

function itemAt(p: usize, member: bool): Value {
  p = skipSpace(p);
  if (!member) return new Value(p);
  return new Value(skipSpace(skipSpace(skipString(p)) + 1), p);
}
