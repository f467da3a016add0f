/** The problems in the sources of an app: all at once, each with its place and its fix. */

export interface GenerateIssue {
  /** What cannot be generated: `Todo.add`. */
  readonly subject: string;
  /** Why, without the type: `parameter "when" has an unsupported type`. */
  readonly reason: string;
  /** The text of the wrong type, if it is about one. */
  readonly type?: string;
  /** Absolute path. */
  readonly file: string;
  /** `file` as texts show it: relative to the app's folder. */
  readonly shownFile: string;
  /** Counts from 1. */
  readonly line: number;
  /** Counts from 1. */
  readonly column: number;
  /** What to write instead. */
  readonly fix: string;
}

/**
 * `Cannot generate Todo.add as parameter "when" has an unsupported type: URL at todo.ts:12:20; write string
 * instead`
 */
export function issueText(issue: GenerateIssue): string {
  const type = issue.type === undefined ? "" : `: ${issue.type}`;
  const place = `${issue.shownFile}:${issue.line}:${issue.column}`;
  return `Cannot generate ${issue.subject} as ${issue.reason}${type} at ${place}; ${issue.fix}`;
}

/** The sources cannot be turned into a contract. Nothing was written. */
export class GenerateError extends Error {
  override name = "GenerateError";

  /** @param issues all problems, in the order of files and lines; at least one. */
  constructor(readonly issues: readonly GenerateIssue[]) {
    super(issues.map(issueText).join("\n"));
  }
}
