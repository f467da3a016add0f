/** Failures of commands: a message, a hint and an exit code. */
import { DeclarationError } from "@denizen/macro";
import { GenerateError } from "@denizen/macro/generate";
import { DenizenError, type ErrorCode } from "@denizen/runtime";

export const EXIT = {
  ok: 0,
  /** Something failed while the command ran. */
  failed: 1,
  /** The command line is wrong. */
  usage: 2,
  /** A call was answered with an error. */
  answeredError: 3,
} as const;

/** A failure as it is shown to the user, and as child processes report it. */
export interface Explanation {
  readonly code:
    | ErrorCode
    | "usage"
    | "generate"
    | "compile"
    | "pack_build"
    | "unexpected"
    | "node_ended"
    | "pack_ended";
  readonly message: string;
  /** What to do about it. */
  readonly hint?: string;
  /** Only if the message does not say where in the sources it happened. */
  readonly stack?: string;
}

/** A wrong command line. */
export class UsageError extends Error {
  override name = "UsageError";

  constructor(message: string, readonly hint?: string) {
    super(message);
  }
}

/** A failure that has its explanation. */
export class ExplainedError extends Error {
  override name = "ExplainedError";

  constructor(readonly explanation: Explanation) {
    super(explanation.message);
  }
}

const HINTS: Partial<Record<ErrorCode, string>> = {
  port_in_use: "choose another port with --port",
  data_locked: "stop that node, or choose another folder with --data",
  data_read_only: "make the folder writable, or choose another one with --data",
  data_corrupt: "restore the folder from a backup, or choose an empty one with --data; nothing was changed",
  disk_full: "free some space; everything that was acknowledged is saved",
  stale_contract: "run denizen gen, or omit --frozen",
};

function hintFor({ code, message }: DenizenError): string | undefined {
  if (code === "data_locked" && /^Cannot open https?:/.test(message)) {
    return "stop that node, take its data over with --take-over, or choose other data with --data";
  }
  return HINTS[code];
}

/** Explains any thrown value. */
export function explain(thrown: unknown): Explanation {
  if (thrown instanceof ExplainedError) return thrown.explanation;
  if (thrown instanceof UsageError) return { code: "usage", message: thrown.message, hint: thrown.hint };
  if (thrown instanceof GenerateError) return { code: "generate", message: thrown.message };
  if (thrown instanceof DeclarationError) return { code: "declaration", message: thrown.message };
  if (thrown instanceof DenizenError && thrown.code !== "internal") {
    const cause = causes(thrown).at(-1);
    const denied = permissionHint(thrown);
    return {
      code: thrown.code,
      message: thrown.message,
      hint: denied ?? hintFor(thrown),
      stack: thrown.code === "app_unreadable" ? placesIn(cause) : undefined,
    };
  }
  const stack = thrown instanceof Error ? thrown.stack : undefined;
  return {
    code: "unexpected",
    message: thrown instanceof Error ? thrown.message : String(thrown),
    hint: "this is a bug in Denizen: please report it with the lines above",
    stack: stack ?? "no stack",
  };
}

/** Which permission to declare; `undefined` if `thrown` was not caused by a missing permission. */
export function permissionHint(thrown: unknown): string | undefined {
  for (const error of causes(thrown)) {
    const denied = /Requires (\w+) access(?: to (?:the )?(".*?"))?.*?--allow-\w+/.exec(error.message);
    if (!denied) continue;
    const [, kind, what] = denied;
    const value = what === undefined || what.includes("<") ? "true" : `[${what}]`;
    return `if the app needs it, declare it in its deno.json: "denizen": { "permissions": { "${kind}": ${value} } }`;
  }
  return undefined;
}

function causes(thrown: unknown): Error[] {
  const chain: Error[] = [];
  for (let at = thrown; at instanceof Error && chain.length < 10; at = at.cause) chain.push(at);
  return chain;
}

const INSTALLATION = import.meta.resolve("../../");

/** The lines of the stack that point into the app's files, unless the message already names one. */
function placesIn(error: Error | undefined): string | undefined {
  if (!error?.stack || /\bat file:/.test(error.message)) return undefined;
  const places = error.stack.split("\n").filter((line) => /^\s+at .*file:/.test(line));
  const own = places.filter((line) =>
    !["cli/", "runtime/"].some((folder) => line.includes(INSTALLATION + folder))
  );
  return own.length === 0 ? undefined : own.slice(0, 4).join("\n");
}

export function exitCodeOf({ code }: Explanation): number {
  return code === "usage" ? EXIT.usage : EXIT.failed;
}
