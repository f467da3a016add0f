/** The output of a command: lines for people, or with `--json` one JSON object per line for programs. */
import * as path from "node:path";
import { styleText } from "node:util";
import type { Explanation } from "./failure.ts";

export class Terminal {
  /** @param json whether standard output is JSON. */
  constructor(readonly json: boolean) {}

  /** Prints a line for people only. */
  line(text = ""): void {
    if (!this.json) console.log(text);
  }

  /** Prints an object for programs only. */
  object(value: object): void {
    if (this.json) console.log(JSON.stringify(value));
  }

  /** Prints `text` for people or `value` for programs. */
  show(text: string, value: object): void {
    if (this.json) this.object(value);
    else this.line(text);
  }

  /** Prints a failure: on standard output for programs, on standard error for people. */
  failure(explanation: Explanation, event?: string): void {
    if (this.json) {
      const { code, message, hint } = explanation;
      this.object({ ...(event && { event }), error: { code, message, ...(hint && { hint }) } });
      if (explanation.code !== "unexpected") return;
    }
    if (explanation.code === "unexpected") console.error(explanation.stack);
    const head = `${this.#styled("red", "error")}: `;
    console.error(explanation.message.replace(/^/, head).replace(/\n(?=Cannot )/g, `\n${head}`));
    if (explanation.stack !== undefined && explanation.code !== "unexpected") {
      console.error(explanation.stack);
    }
    if (explanation.hint !== undefined) console.error(`${this.#styled("cyan", "hint")}: ${explanation.hint}`);
  }

  bold(text: string): string {
    return Deno.noColor || !Deno.stdout.isTerminal() ? text : styleText("bold", text);
  }

  dim(text: string): string {
    return Deno.noColor || !Deno.stdout.isTerminal() ? text : styleText("dim", text);
  }

  #styled(style: "red" | "cyan", text: string): string {
    return Deno.noColor || !Deno.stderr.isTerminal() ? text : styleText(style, text);
  }
}

/** The path relative to the working directory, if it is inside it. */
export function shownPath(file: string): string {
  const relative = path.relative(Deno.cwd(), file);
  return relative === "" ? "." : relative.startsWith("..") ? file : relative;
}
