/** Copies the contents of one container of a state, and restores them in the same container. */
import { DenizenError } from "../errors.ts";
import { STATE_BYTES_MAX } from "../limits.ts";

/** A shallow copy of a container's contents; the form depends on the kind of container. */
export type Content =
  | readonly unknown[]
  | { readonly [field: string]: unknown }
  | number
  | TypedArray
  | ArrayBuffer
  | null;

/** Stands for all typed arrays, which are handled alike. */
type TypedArray = Uint8Array<ArrayBuffer>;
type Fields = { [field: string]: unknown };
/** The replacements of containers that could not be restored. */
type Replaced = ReadonlyMap<object, object>;

/** Copies the contents of `container`, and appends the containers among them to `found`. */
export function copyOf(container: object, found: object[]): Content {
  if (Array.isArray(container)) {
    return container.length > STATE_BYTES_MAX ? copySparse(container, found) : copyList(container, found);
  }
  if (container.constructor === Object || isPlain(container)) {
    const fields: Fields = { ...container };
    for (const field in fields) {
      const value = fields[field];
      if (typeof value === "object" && value !== null) found.push(value);
    }
    return fields;
  }
  if (container instanceof Map) {
    const entries: unknown[] = [];
    for (const [key, value] of container) {
      entries.push(key, value);
      if (typeof key === "object" && key !== null) found.push(key);
      if (typeof value === "object" && value !== null) found.push(value);
    }
    return entries;
  }
  if (container instanceof Set) return copyList([...container], found);
  if (container instanceof Date) return container.getTime();
  if (isTypedArray(container)) return container.buffer.detached ? null : copyBytes(container);
  return container instanceof ArrayBuffer && !container.detached ? container.slice() : null;
}

function isTypedArray(value: object): value is TypedArray {
  return ArrayBuffer.isView(value) && !(value instanceof DataView);
}

/** Whether an object is plain, as the encoder requires of every record. */
function isPlain(container: object): boolean {
  const prototype = Object.getPrototypeOf(container);
  return prototype === Object.prototype || prototype === null;
}

/** `slice` of all typed arrays: that of `Buffer`, which is one, does not copy. */
function copyBytes(array: TypedArray): TypedArray {
  return Uint8Array.prototype.slice.call(array) as TypedArray;
}

function copyList(list: readonly unknown[], found: object[]): readonly unknown[] {
  const elements = list.slice();
  for (let at = 0; at < elements.length; at++) {
    const element = elements[at];
    if (typeof element === "object" && element !== null) found.push(element);
  }
  return elements;
}

/** Copies the length and the existing elements: a list too long for any state may have billions of holes. */
function copySparse(list: readonly unknown[], found: object[]): Fields {
  const fields: Fields = { ...list, length: list.length };
  for (const field in fields) {
    const value = fields[field];
    if (typeof value === "object" && value !== null) found.push(value);
  }
  return fields;
}

/**
 * Restores `content` in `container`. Returns false if that fails: it is frozen, or its bytes were
 * transferred.
 */
export function putBack(container: object, content: Content, replaced: Replaced): boolean {
  try {
    if (content === null) return true;
    if (typeof content === "number") {
      if (!Object.is((container as Date).getTime(), content)) (container as Date).setTime(content);
    } else if (Array.isArray(container)) {
      if (Array.isArray(content)) putElementsBack(container, content, replaced);
      else {
        container.length = (content as Fields).length as number;
        putFieldsBack(container as unknown as Fields, content as Fields, replaced);
      }
    } else if (container instanceof Map) {
      putEntriesBack(container, content as readonly unknown[], replaced);
    } else if (container instanceof Set) {
      putMembersBack(container, content as readonly unknown[], replaced);
    } else if (isTypedArray(container)) {
      if (container.length !== (content as TypedArray).length) return false;
      container.set(content as TypedArray);
    } else if (container instanceof ArrayBuffer) {
      if (container.byteLength !== (content as ArrayBuffer).byteLength) return false;
      new Uint8Array(container).set(new Uint8Array(content as ArrayBuffer));
    } else putFieldsBack(container as Fields, content as Fields, replaced);
    return true;
  } catch (error) {
    if (error instanceof TypeError) return false;
    throw error;
  }
}

/** A new container of the same kind, for one in which `content` cannot be restored. */
export function replacementOf(container: object, content: Content, replaced: Replaced): object {
  const fresh = Array.isArray(container)
    ? []
    : isTypedArray(container)
    ? copyBytes(content as TypedArray)
    : container instanceof ArrayBuffer
    ? (content as ArrayBuffer).slice()
    : {};
  if (!putBack(fresh, content, replaced)) {
    throw new DenizenError(
      "internal",
      "Cannot roll back the state as one of its containers takes no contents",
    );
  }
  return fresh;
}

function wantedOf(value: unknown, replaced: Replaced): unknown {
  return replaced.size === 0 ? value : replaced.get(value as object) ?? value;
}

function putElementsBack(list: unknown[], elements: readonly unknown[], replaced: Replaced): void {
  if (list.length !== elements.length) list.length = elements.length;
  for (let at = 0; at < elements.length; at++) {
    const wanted = wantedOf(elements[at], replaced);
    if (wanted === undefined && !(at in elements)) delete list[at];
    else if (!Object.is(list[at], wanted) || (wanted === undefined && !(at in list))) list[at] = wanted;
  }
}

function putFieldsBack(record: Fields, fields: Fields, replaced: Replaced): void {
  const wanted = Object.keys(fields);
  let now = Object.keys(record);
  if (now.some((name) => !Object.hasOwn(fields, name))) {
    for (const name of now) if (!Object.hasOwn(fields, name)) delete record[name];
    now = Object.keys(record);
  }
  let same = 0;
  while (same < now.length && now[same] === wanted[same]) same++;
  for (let at = same; at < now.length; at++) delete record[now[at]!];
  for (let at = 0; at < wanted.length; at++) {
    const name = wanted[at]!;
    const value = wantedOf(fields[name], replaced);
    if (at < same ? Object.is(record[name], value) : false) continue;
    const own = at < same ? Object.getOwnPropertyDescriptor(record, name) : undefined;
    // A getter computes its value from what is put back besides.
    if (own?.get ?? own?.set) continue;
    if (name === "__proto__") {
      Object.defineProperty(record, name, { value, configurable: true, enumerable: true, writable: true });
    } else record[name] = value;
  }
}

/** Equality of `Map` keys and `Set` members. */
function isSameKey(one: unknown, other: unknown): boolean {
  return one === other || (one !== one && other !== other);
}

function putEntriesBack(map: Map<unknown, unknown>, entries: readonly unknown[], replaced: Replaced): void {
  let at = 0;
  let wanted: Set<unknown> | undefined;
  let rebuild = false;
  for (const [key, value] of map) {
    if (!rebuild && at < entries.length && isSameKey(key, wantedOf(entries[at], replaced))) {
      const before = wantedOf(entries[at + 1], replaced);
      if (!Object.is(value, before)) map.set(key, before);
      at += 2;
      continue;
    }
    map.delete(key);
    wanted ??= new Set(entries.filter((_, index) => index % 2 === 0).map((one) => wantedOf(one, replaced)));
    rebuild ||= wanted.has(key);
  }
  for (; at < entries.length; at += 2) {
    map.set(wantedOf(entries[at], replaced), wantedOf(entries[at + 1], replaced));
  }
}

function putMembersBack(set: Set<unknown>, members: readonly unknown[], replaced: Replaced): void {
  let at = 0;
  let wanted: Set<unknown> | undefined;
  let rebuild = false;
  for (const member of set) {
    if (!rebuild && at < members.length && isSameKey(member, wantedOf(members[at], replaced))) {
      at++;
      continue;
    }
    set.delete(member);
    wanted ??= new Set(members.map((one) => wantedOf(one, replaced)));
    rebuild ||= wanted.has(member);
  }
  for (; at < members.length; at++) set.add(wantedOf(members[at], replaced));
}
