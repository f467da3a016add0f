/** What to write instead of a type that cannot cross a process's border. */

const COMPUTED = "write the resulting type";
const ITERATED = "write a list, or return a ReadableStream from an @http handler";

const BY_BUILTIN: Readonly<Record<string, string>> = {
  URL: "write string instead",
  RegExp: "write string instead",
  Error: "write Result<T, string>, or an interface with its data",
  Function: "write a handler instead: a function cannot leave its process",
  Symbol: "write string instead",
  Object: "write an interface, or Json",
  String: "write string instead",
  Number: "write number instead",
  Boolean: "write boolean instead",
  BigInt: "write bigint instead",
  WeakMap: "write Map instead",
  WeakSet: "write Set instead",
  WeakRef: "write the value itself",
  Promise: "write the type it resolves to: data holds no promises",
  ArrayBuffer: "write Uint8Array instead",
  Blob: "write Uint8Array instead",
  File: "write Uint8Array instead",
  FormData: "write an interface with its fields",
  Headers: "write Record<string, string> instead",
  Request: "take what you need of it as parameters, or read it from ctx.http",
  Response: "return it from an @http handler only; in data write Uint8Array or string",
  ReadableStream: "return it from an @http handler only; in data write Uint8Array",
  AbortSignal: "use ctx.signal",
  Buffer: "write Uint8Array instead",
  DataView: "write Uint8Array instead",
  SharedArrayBuffer: "write Uint8Array instead",
  Iterable: ITERATED,
  Iterator: ITERATED,
  Generator: ITERATED,
  AsyncIterable: ITERATED,
  AsyncIterator: ITERATED,
  AsyncGenerator: ITERATED,
  Awaited: COMPUTED,
  ReturnType: COMPUTED,
  Parameters: COMPUTED,
  InstanceType: COMPUTED,
  Uppercase: COMPUTED,
  Lowercase: COMPUTED,
  Capitalize: COMPUTED,
  Uncapitalize: COMPUTED,
};

const BY_KEYWORD: Readonly<Record<string, string>> = {
  any: "write the type, or Json for any JSON value",
  unknown: "write Json instead",
  object: "write an interface, or Json",
  symbol: "write string instead",
  never: "write a type that has values",
  undefined: "write null, or make the field or parameter optional",
  void: "write null instead",
  this: "write an interface with its data",
};

/** What to write instead of a type of the library, if that is known. */
export function adviceForBuiltin(name: string): string | undefined {
  return Object.hasOwn(BY_BUILTIN, name) ? BY_BUILTIN[name] : undefined;
}

export function adviceForKeyword(text: string): string {
  return Object.hasOwn(BY_KEYWORD, text) ? BY_KEYWORD[text]! : "write an interface with its data";
}
