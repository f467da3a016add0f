/** Reads the options of a decorator from their expressions. */
import type ts from "typescript";
import type { SavePolicy } from "../../declare/save.ts";
import { evaluate, type Member, membersOf } from "./constant.ts";
import { NotConstant } from "./constant_syntax.ts";
import type { DecoratorUse } from "./decorators.ts";
import type { Reading } from "./reading.ts";

export class OptionReader {
  /** The options could not be read at all, which was reported. */
  readonly unreadable: boolean;
  readonly #members: ReadonlyMap<string, Member>;

  /**
   * @param subject the subject of problems: `Todo`, `Todo.add`.
   * @param known the allowed options; others are reported.
   */
  constructor(
    private readonly reading: Reading,
    private readonly use: DecoratorUse,
    private readonly subject: string,
    known: readonly string[],
  ) {
    const members = this.#attempt(`the options of @${use.name}`, () => this.#all());
    this.unreadable = members === undefined;
    this.#members = members ?? new Map();
    for (const [name, { node }] of this.#members) {
      if (known.includes(name)) continue;
      this.refuse(`@${use.name} has no option "${name}"`, node, `known are ${known.join(", ")}`);
    }
  }

  #all(): Map<string, Member> {
    const [options] = this.use.args;
    return options === undefined ? new Map() : membersOf(this.reading, options);
  }

  given(name: string): boolean {
    return this.#members.has(name);
  }

  /** The node of an option, as the place of problems. */
  nodeOf(name: string): ts.Node | undefined {
    return this.#members.get(name)?.node;
  }

  /** The value of an option; `undefined` if it is not given, or invalid, which is reported. */
  read<T>(name: string, fits: (value: unknown) => value is T, fix: string): T | undefined {
    const member = this.#members.get(name);
    if (member === undefined) return undefined;
    const read = this.#attempt(`"${name}"`, () => {
      if (member.value === undefined) throw new NotConstant(member.node, "it is a method", fix);
      return { value: evaluate(this.reading, member.value) };
    }, fix);
    if (read === undefined || read.value === undefined || fits(read.value)) {
      return read?.value as T | undefined;
    }
    this.refuse(`"${name}" is ${shown(read.value)}`, member.node, fix);
    return undefined;
  }

  /** The members of an option that is an object; their values are not evaluated. */
  members(name: string): ReadonlyMap<string, Member> {
    const value = this.#members.get(name)?.value;
    if (value === undefined) return new Map();
    return this.#attempt(`"${name}"`, () => membersOf(this.reading, value)) ?? new Map();
  }

  refuse(reason: string, node: ts.Node, fix: string): void {
    this.reading.problems.add(this.subject, reason, node, fix);
  }

  /** Reports an expression that cannot be evaluated, at the part that is the reason. */
  #attempt<T>(what: string, read: () => T, fix?: string): T | undefined {
    try {
      return read();
    } catch (error) {
      if (!(error instanceof NotConstant)) throw error;
      this.reading.problems.addExpression(
        this.subject,
        `${what} cannot be read, because ${error.message}`,
        error.node,
        error.fix || fix || "write a constant",
      );
      return undefined;
    }
  }
}

function shown(value: unknown): string {
  switch (typeof value) {
    case "string":
      return JSON.stringify(value);
    case "object":
      return value === null ? "null" : Array.isArray(value) ? "a list" : "an object";
    case "function":
      return "a function";
    case "bigint":
      return `${value}n`;
    default:
      return String(value);
  }
}

export function isSavePolicy(value: unknown): value is SavePolicy {
  const policy = (value ?? {}) as Partial<Record<"kind" | "messages" | "seconds", unknown>>;
  switch (policy.kind) {
    case "never":
    case "everyMessage":
    case "onDiff":
      return true;
    case "everyNMessages":
      return Number.isInteger(policy.messages) && policy.messages as number > 0;
    case "everySeconds":
      return Number.isFinite(policy.seconds) && policy.seconds as number > 0;
    default:
      return false;
  }
}
