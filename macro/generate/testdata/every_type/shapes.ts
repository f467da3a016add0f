import type { f64, i32, Option, u32 } from "@denizen/macro";
import type * as denizen from "@denizen/macro";

export interface Circle {
  kind: "circle";
  radius: f64;
}
export interface Square {
  kind: "square";
  side: f64;
}
export type Figure = Circle | Square;

/** Told apart by an enum. */
export enum Mode {
  Fast = "fast",
  Slow = "slow",
}
export enum Level {
  Low,
  Middle = 5,
  High,
}
export interface FastRun {
  mode: Mode.Fast;
  speed: u32;
}
export interface SlowRun {
  mode: Mode.Slow;
  reason: string;
}
export type Run = FastRun | SlowRun;

export interface Page<T> {
  items: T[];
  next: Option<string>;
}
export interface Pair<A, B = A> {
  first: A;
  second: B;
}
export interface Tree {
  value: i32;
  children: Tree[];
}
export interface Chain<T> {
  head: T;
  tail: Option<Chain<T>>;
}
export interface Person {
  name: string;
  employer?: Company;
}
export interface Company {
  staff: Map<string, Person>;
}
export type Nested = u32 | Nested[];
export interface Named {
  readonly name: string;
}
export interface Priced extends Named {
  cents: denizen.u64;
}
export interface Odd {
  constructor: string;
  "a-b": boolean;
  toString: u32;
  7: u32;
}
export default interface Anonymous {
  id: u32;
}
