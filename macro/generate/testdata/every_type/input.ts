import {
  type char,
  type f32,
  type f64,
  Http,
  http,
  type i16,
  type i32,
  type i64,
  type i8,
  type Json,
  local,
  type Option as Maybe,
  process,
  type Result,
  type u16,
  type u32,
  type u64,
  type u8,
} from "@denizen/macro";
import type { Context } from "@denizen/runtime";
import type Plain from "./shapes.ts";
import { Level, type Mode } from "./shapes.ts";
import type * as shapes from "./shapes.ts";
import type { Chain, Figure, Nested, Odd, Page, Pair, Person, Priced, Run, Tree } from "./shapes.ts";

type Id = u32;
type Ids = Id[];
export type Color = "red" | "green" | "blue";
export type Both = { left: u32 } & { right: string };
export type Tagged = { at: u32 } & Figure;
export type Flags = { [K in Color]: boolean };
export type Loose<T> = { [K in keyof T]?: T[K] };

/** Holds and echoes one of everything. */
@process({ name: "Every type", endpoints: [Http("/api")] })
export class EveryType {
  saved: Map<string, u32> = new Map();
  names = new Set<string>();
  when = new Date(0);
  count = 0;
  big = 1n;
  done = false;
  title = "";
  data = new Uint8Array();
  level = Level.Low;
  figures: Figure[] = [];
  maybe?: u32;
  absent: Date | undefined;
  readonly fixed: char = "x";
  protected inner: Maybe<Tree> = null;
  list = [1, 2, 3];
  point = { x: 0, label: "" };
  byNumber = new Map<u32, Page<Priced>>();

  /** Whole numbers. */
  @http @local integers(a: u8, b: u16, c: u32, d: i8, e: i16, f: i32): [u8, u16, u32, i8, i16, i32] {
    return [a, b, c, d, e, f];
  }
  @http bigs(a: u64, b: i64, c: bigint): { a: u64; b: i64; c: bigint } {
    return { a, b, c };
  }
  @http floats(value: { a: f32; b: f64; c: number }): { a: f32; b: f64; c: number } {
    return value;
  }
  @http texts(value: { a: string; b: char; c: boolean; d: null }): { a: string; b: char; c: boolean; d: null } {
    return value;
  }
  @http date(value: Date): Date {
    return value;
  }
  @http bytes(value: Uint8Array): Uint8Array {
    return value;
  }
  @http arrays(value: { a: Float64Array; b: Int16Array; c: BigUint64Array; d: Uint8ClampedArray }): Float32Array {
    return new Float32Array(value.a);
  }
  @http lists(value: readonly (readonly u32[])[]): Array<ReadonlyArray<string>> {
    return value.map((one) => one.map(String));
  }
  @http sets(value: Set<u32>): ReadonlySet<Color> {
    return new Set(value.size > 0 ? ["red"] : []);
  }
  @http textMap(value: Map<string, u32>): ReadonlyMap<Color, Maybe<u32>> {
    return new Map([["red", value.size]]);
  }
  @http numberMap(value: Map<u32, Date>): Map<[u32, u32], Set<u32>> {
    return new Map([[[1, value.size], new Set([1])]]);
  }
  @http dictionary(value: Record<string, u32>): { [name: string]: Pair<u32> } {
    return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, { first: one, second: one }]));
  }
  @http tuples(value: [u32, string?], named: readonly [x: f64, y?: Maybe<f64>]): [] {
    return value.length > 0 && named.length > 0 ? [] : [];
  }
  @http options(value: Maybe<Maybe<u32>>, list: Maybe<string>[]): Maybe<Page<Maybe<Plain>>> {
    return value === null || list.length === 0 ? null : { items: [], next: null };
  }
  @http results(value: Result<Maybe<Page<u32>>, string>): Result<void, { Ok: u32 } | { Err: string }> {
    return "Ok" in value ? { Ok: undefined } : { Err: { Err: value.Err } };
  }
  @http enums(color: Color, mode: Mode, level: shapes.Level, digit: 1 | 2 | -3, flag: true): Color | null {
    return mode && level && digit && flag ? color : null;
  }
  @http figure(value: Figure, run: Run, tagged: Tagged): Figure | null {
    return "mode" in run ? value : tagged;
  }
  @http unions(
    a: string | number,
    b: u32 | boolean | null | string[],
    c: Plain | string,
    d: f64 | boolean,
    e: Color | u32,
  ): Set<u32> | Plain | Level {
    return a && b && c && d && e ? Level.Low : new Set();
  }
  @http trees(tree: Tree, chain: Chain<u64>, person: Person, nested: Nested): Page<Tree> {
    return tree && chain && person && nested ? { items: [], next: null } : { items: [], next: null };
  }
  @http generics(page: Page<Pair<Color, Plain>>, pair: Pair<Page<u32>>): Pair<u8[], Map<string, u16>> {
    return page && pair ? { first: [], second: new Map() } : { first: [], second: new Map() };
  }
  @http utilities(
    partial: Partial<Priced>,
    required: Required<Partial<Pair<u32>>>,
    pick: Pick<Priced, "name">,
    omit: Omit<Odd, "constructor" | "toString">,
    frozen: Readonly<Plain>,
    record: Record<Color | "other", u8>,
  ): NonNullable<Maybe<Exclude<Color, "red">>> {
    return partial && required && pick && omit && frozen && record ? "green" : "blue";
  }
  @http mapped(flags: Flags, loose: Loose<Priced>, both: Both, key: keyof Priced, id: Priced["cents"]): Ids {
    return flags && loose && both && key && id ? [] : [];
  }
  @http odd(value: Odd): shapes.Person {
    return { name: String(value["a-b"]) };
  }
  @http json(value: Json): { [key: string]: Json } {
    return { value };
  }
  @http optional(value: { a?: u32; b?: Maybe<u32>; c: u32 | undefined; d: Maybe<string>; e?: Json }): {} {
    return value;
  }
  @http oneOptional(limit?: u32): u32 {
    return limit ?? 0;
  }
  @http defaults(a: u32, b = "b", c: u32 = 3, ctx?: Context): string {
    return `${a}${b}${c}${ctx}`;
  }
  @http async nothing(): Promise<void> {}
  @http async download(name: string, _ctx: Context): Promise<Response> {
    return await Promise.resolve(new Response(name));
  }
  helper(): unknown {
    return undefined;
  }
}
