/** Checks of JSON that comes from outside: metadata, manifests, `pack.json`, replies. */

export type Fields = Readonly<Record<string, unknown>>;

export class JsonChecker {
  readonly #error: (reason: string, cause?: unknown) => Error;

  /** @param error what is thrown, from a reason such as `its files is not a list`. */
  constructor(error: (reason: string, cause?: unknown) => Error) {
    this.#error = error;
  }

  refuse(reason: string, cause?: unknown): never {
    throw this.#error(reason, cause);
  }

  parse(bytes: Uint8Array, what: string): unknown {
    try {
      return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
    } catch (cause) {
      this.refuse(`${what} is not JSON`, cause);
    }
  }

  object(value: unknown, what: string): Fields {
    const isObject = typeof value === "object" && value !== null && !Array.isArray(value) &&
      !ArrayBuffer.isView(value);
    if (!isObject) this.refuse(`${what} is not an object`);
    return value as Fields;
  }

  list(value: unknown, what: string): readonly unknown[] {
    if (!Array.isArray(value)) this.refuse(`${what} is not a list`);
    return value;
  }

  texts(value: unknown, what: string): string[] {
    const list = this.list(value, what);
    if (list.some((item) => typeof item !== "string")) this.refuse(`${what} is not a list of texts`);
    return [...list] as string[];
  }

  /** The text of a field, which is not empty. */
  text(fields: Fields, key: string, what: string): string {
    const value = fields[key];
    if (typeof value !== "string" || value === "") this.refuse(`${what} has no ${key}`);
    return value;
  }
}
