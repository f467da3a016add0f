/**
 * The part of JavaScript's library that a contract can name or a field's initial value can come from.
 *
 * It stands in for TypeScript's own library files: reading declarations needs the names, not the methods, and
 * these few lines take a millisecond where `lib.esnext.d.ts` and `lib.dom.d.ts` take most of a second.
 */
import { TYPED_ARRAY_NAMES } from "../../codec/bytes.ts";

const TYPED_ARRAYS = ["Uint8Array", ...TYPED_ARRAY_NAMES];

/** Known, so that the error can say what to write instead. */
const REFUSED = [
  "Response",
  "Request",
  "ReadableStream",
  "URL",
  "RegExp",
  "Error",
  "ArrayBuffer",
  "Blob",
  "File",
  "FormData",
  "Headers",
  "AbortSignal",
];

export const BUILTIN_DECLARATIONS = `
interface Object {}
interface Function {}
interface CallableFunction extends Function {}
interface NewableFunction extends Function {}
interface IArguments {}
interface String { readonly length: number }
interface Number {}
interface Boolean {}
interface Symbol {}
interface BigInt {}
interface Array<T> { length: number; [n: number]: T }
interface ReadonlyArray<T> { readonly length: number; readonly [n: number]: T }
interface Map<K, V> { get(key: K): V | undefined }
interface ReadonlyMap<K, V> { get(key: K): V | undefined }
interface Set<T> { has(value: T): boolean }
interface ReadonlySet<T> { has(value: T): boolean }
interface WeakMap<K, V> { get(key: K): V | undefined }
interface WeakSet<T> { has(value: T): boolean }
interface WeakRef<T> { deref(): T | undefined }
interface Promise<T> { then(value: T): void }
interface Date { getTime(): number }
${TYPED_ARRAYS.map((name) => `interface ${name}<B = ArrayBuffer> { readonly buffer: B }`).join("\n")}
${REFUSED.map((name) => `interface ${name} {}`).join("\n")}
declare var Map: { new <K, V>(entries?: unknown): Map<K, V> };
declare var Set: { new <T>(values?: readonly T[]): Set<T> };
declare var Date: { new (...parts: unknown[]): Date; now(): number };
${TYPED_ARRAYS.map((name) => `declare var ${name}: { new (from?: unknown): ${name} };`).join("\n")}
type Partial<T> = { [K in keyof T]?: T[K] };
type Required<T> = { [K in keyof T]-?: T[K] };
type Readonly<T> = { readonly [K in keyof T]: T[K] };
type Pick<T, K extends keyof T> = { [P in K]: T[P] };
type Record<K extends keyof any, T> = { [P in K]: T };
type Exclude<T, U> = T extends U ? never : T;
type Extract<T, U> = T extends U ? T : never;
type Omit<T, K extends keyof any> = Pick<T, Exclude<keyof T, K>>;
type NonNullable<T> = T & {};
interface ClassDecoratorContext {}
interface ClassMethodDecoratorContext {}
`;
