/** The definitions a node hosts, by id. */
import { DenizenError } from "../errors.ts";
import type { Definition } from "./definition.ts";

export class Registry {
  readonly #definitions = new Map<string, Definition>();

  /** @throws {DenizenError} `duplicate_process` if the id is taken. */
  add(definition: Definition): void {
    const taken = this.#definitions.get(definition.id);
    if (taken) {
      throw new DenizenError(
        "duplicate_process",
        `Cannot host two processes with one id: ${definition.id} is "${taken.name}" and "${definition.name}"; ` +
          `rename a class, or give one app another package in its deno.json`,
      );
    }
    this.#definitions.set(definition.id, definition);
  }

  get(id: string): Definition | undefined {
    return this.#definitions.get(id);
  }

  [Symbol.iterator](): IterableIterator<Definition> {
    return this.#definitions.values();
  }

  /** The error for an unknown `id`, with the form of the address that `definition` has, if there is one. */
  unknown(id: string, definition?: Definition): DenizenError {
    const written = ({ id, keyed }: Definition) => keyed ? id.replace(":", ".<key>:") : id;
    const reason = definition?.keyed
      ? `it has one process per key: write ${written(definition)}`
      : `it is one process without keys: write ${definition?.id}`;
    return new DenizenError(
      "unknown_process",
      definition
        ? `Cannot find ${id} as ${reason}`
        : `Cannot find the process as this node has none of that id: ${id}`,
      { data: { known: [...this.#definitions.values()].map(written) } },
    );
  }
}
