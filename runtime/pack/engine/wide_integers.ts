/**
 * Integers that a JavaScript number cannot hold, to and from a pack off the node's thread. Frames have none;
 * messages of Reflow do. They travel next to the message, each with its path.
 */
import { FRAME_DEPTH_MAX, PackFault } from "@denizen/pack-sdk";

type Step = string | number;

interface WideInteger {
  readonly path: readonly Step[];
  readonly digits: string;
}

function wrong(reason: string): PackFault {
  return new PackFault("result", `Cannot read the message as ${reason}`);
}

/** A copy of the value with null in place of each of them, and the integers with their paths. */
export function withoutWideIntegers(value: unknown): { value: unknown; found: WideInteger[] } {
  const found: WideInteger[] = [];
  const copy = (value: unknown, path: readonly Step[]): unknown => {
    if (typeof value === "bigint") {
      found.push({ path, digits: String(value) });
      return null;
    }
    // No frame is deeper, and a cyclic value would never end.
    if (path.length > FRAME_DEPTH_MAX) return value;
    if (Array.isArray(value)) return value.map((item, index) => copy(item, [...path, index]));
    if (typeof value !== "object" || value === null || !isPlain(value)) return value;
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, copy(item, [...path, key])]));
  };
  return { value: copy(value, []), found };
}

function isPlain(value: object): boolean {
  const prototype = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

/**
 * Puts them back.
 *
 * @throws {PackFault} if a path or a number is not valid.
 */
export function restoreWideIntegers(value: unknown, found: unknown): void {
  if (!Array.isArray(found)) throw wrong("its integers are not a list");
  for (const item of found) {
    const { path, digits } = item as WideInteger;
    const right = Array.isArray(path) && path.length > 0 && /^-?\d{1,40}$/.test(digits);
    if (!right) throw wrong("one of its integers is malformed");
    let place = value as Record<Step, unknown>;
    path.slice(0, -1).forEach((step) => place = own(place, step) as Record<Step, unknown>);
    const last = path.at(-1)!;
    if (own(place, last) !== null) throw wrong("the path of an integer has another value");
    place[last] = BigInt(digits);
  }
}

function own(place: unknown, step: Step): unknown {
  if (typeof place === "object" && place !== null && Object.hasOwn(place, step)) {
    return (place as Record<Step, unknown>)[step];
  }
  throw wrong("the path of an integer does not exist");
}
