/** Collects the problems of the sources, so that one run reports all of them. */
import { relative } from "node:path";
import type ts from "typescript";
import type { GenerateIssue } from "../generate_error.ts";

const SHOWN_TEXT_CHARACTERS_MAX = 60;

/** The subject of the next problem, for the start of its text. */
export interface Subject {
  /** `Todo.add` */
  readonly name: string;
  /** `parameter "when"` */
  readonly part: string;
}

export class Problems {
  readonly #issues = new Map<string, GenerateIssue>();

  constructor(private readonly folder: string) {}

  get count(): number {
    return this.#issues.size;
  }

  /** The issues, in the order of files and lines. */
  get issues(): GenerateIssue[] {
    return [...this.#issues.values()].sort((a, b) =>
      (a.file < b.file ? -1 : a.file > b.file ? 1 : 0) || a.line - b.line || a.column - b.column
    );
  }

  add(subject: string, reason: string, node: ts.Node, fix: string, type?: string): void {
    this.addAt(subject, reason, node.getSourceFile(), node.getStart(), fix, type);
  }

  addAt(
    subject: string,
    reason: string,
    source: ts.SourceFile,
    start: number,
    fix: string,
    type?: string,
  ): void {
    const { line, character } = source.getLineAndCharacterOfPosition(start);
    this.#add({ subject, reason, type, file: source.fileName, line: line + 1, column: character + 1, fix });
  }

  /** Reports a type that a contract cannot contain. */
  addType(subject: Subject, node: ts.Node, fix: string): void {
    this.addExpression(subject.name, `${subject.part} has an unsupported type`, node, fix);
  }

  /** Reports a problem with the source text of its node. */
  addExpression(subject: string, reason: string, node: ts.Node, fix: string): void {
    const text = node.getText().replace(/\s+/g, " ");
    const shown = text.length <= SHOWN_TEXT_CHARACTERS_MAX
      ? text
      : `${text.slice(0, SHOWN_TEXT_CHARACTERS_MAX)}…`;
    this.add(subject, reason, node, fix, shown);
  }

  /** Reports a problem of a file that is not TypeScript. */
  addFile(subject: string, reason: string, file: string, fix: string): void {
    this.#add({ subject, reason, file, line: 1, column: 1, fix });
  }

  #add(issue: Omit<GenerateIssue, "shownFile">): void {
    const key = `${issue.file}:${issue.line}:${issue.column}:${issue.fix}`;
    if (this.#issues.has(key)) return;
    this.#issues.set(key, { ...issue, shownFile: relative(this.folder, issue.file).replaceAll("\\", "/") });
  }
}
