/** Whether an object is one that a literal makes, or JSON text, rather than an instance of some class. */
export function isPlain(value: object): boolean {
  const prototype = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}
