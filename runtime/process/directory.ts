/** The one cell of each address (G1): finds it, makes it at its first message, lets it go when it is idle. */
import { idOf, parseAddress } from "../address.ts";
import { DenizenError } from "../errors.ts";
import { ACTIVE_PROCESSES_MAX, RETRY_AFTER_S } from "../limits.ts";
import { Cell } from "./cell.ts";
import type { RunnerHost } from "./handler_runner.ts";
import type { Registry } from "./registry.ts";

export class Directory {
  readonly #host: RunnerHost;
  readonly #registry: Registry;
  readonly #cells = new Map<string, Cell>();

  constructor(host: RunnerHost, registry: Registry) {
    this.#host = host;
    this.#registry = registry;
  }

  get size(): number {
    return this.#cells.size;
  }

  [Symbol.iterator](): IterableIterator<Cell> {
    return this.#cells.values();
  }

  /**
   * The cell of a process, by its id or by its address on this node.
   *
   * @throws {DenizenError} `bad_address`, `unknown_process`, or `overloaded` if too many processes are in memory.
   */
  find(id: string): Cell {
    return this.#cells.get(id) ?? this.#create(id);
  }

  /** One key can be written in several ways, such as `%41` for `A`: only the id made of the parts is the process's own (G1). */
  #create(text: string): Cell {
    const address = parseAddress(text);
    const { node, process, key, package: packageName, publisher } = address;
    const id = idOf(address);
    if (node !== "our") {
      throw new DenizenError("offline", `Cannot reach the node as this one is not linked to it: ${node}`);
    }
    const existing = this.#cells.get(id);
    if (existing) return existing;
    const definition = this.#registry.get(`${process}:${packageName}:${publisher}`);
    if (!definition || definition.keyed !== (key !== undefined)) throw this.#registry.unknown(id, definition);
    if (this.#cells.size >= ACTIVE_PROCESSES_MAX) {
      throw new DenizenError(
        "overloaded",
        `Cannot start ${id} as ${ACTIVE_PROCESSES_MAX} processes are in memory (ACTIVE_PROCESSES_MAX)`,
        { data: { retryAfterSeconds: RETRY_AFTER_S } },
      );
    }
    const cell = new Cell(this.#host, definition, id, key);
    this.#cells.set(id, cell);
    return cell;
  }

  /** The cell of a process that is in memory. */
  get(address: string): Cell | undefined {
    return this.#cells.get(address) ?? this.#cells.get(idOf(parseAddress(address)));
  }

  remove(cell: Cell): void {
    if (this.#cells.get(cell.id) === cell) this.#cells.delete(cell.id);
  }

  /** Commits from `from` on were lost: every state that depends on one of them goes back to what is durable. */
  lose(from: number, error: DenizenError): void {
    for (const cell of this.#cells.values()) cell.lose(from, error);
  }
}
