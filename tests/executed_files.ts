/** Which of the repository's files execute while something runs, by V8's own count of function calls. */
import { Session } from "node:inspector";
import { pathToFileURL } from "node:url";
import { ROOT } from "./tidy/source_tree.ts";

interface Coverage {
  readonly result: readonly {
    readonly url: string;
    readonly functions: readonly { readonly ranges: readonly { readonly count: number }[] }[];
  }[];
}

/** Counts in this isolate from its start on: code of workers and of other processes does not show. */
export class ExecutedFiles implements Disposable {
  readonly #session = new Session();

  private constructor() {
    this.#session.connect();
  }

  static async start(): Promise<ExecutedFiles> {
    const executed = new ExecutedFiles();
    await executed.#post("Profiler.enable");
    await executed.#post("Profiler.startPreciseCoverage", { callCount: true, detailed: false });
    return executed;
  }

  /** The files, from the root, of which a function was called since the last time this was asked. */
  async take(): Promise<string[]> {
    const { result } = await this.#post("Profiler.takePreciseCoverage") as Coverage;
    const root = pathToFileURL(ROOT).href;
    return result
      .filter(({ url, functions }) =>
        url.startsWith(root) && functions.some(({ ranges }) => ranges[0]!.count > 0)
      )
      .map(({ url }) => url.slice(root.length))
      .sort();
  }

  [Symbol.dispose](): void {
    this.#session.disconnect();
  }

  #post(method: string, parameters: object = {}): Promise<unknown> {
    return new Promise((resolve, reject) =>
      this.#session.post(
        method,
        parameters,
        (error: unknown, result: unknown) => error ? reject(error) : resolve(result),
      )
    );
  }
}
