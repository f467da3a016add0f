/**
 * The one cell of each address (G1): finds it, creates it at its first message, and releases it when it is
 * idle.
 */
import { idOf, parseAddress } from "../address.ts";
import { DenizenError } from "../errors.ts";
import { ACTIVE_PROCESSES_MAX, RETRY_AFTER_S } from "../limits.ts";
import { Cell } from "./cell.ts";
import type { Definition } from "./definition.ts";
import type { ProcessHost } from "./process.ts";
import type { Registry } from "./registry.ts";

/** A process that a message is for. It need not be in memory: an invalid request activates no process. */
export interface Target {
  readonly definition: Definition;
  readonly id: string;
  readonly key: string | undefined;
}

export class Directory {
  readonly #host: ProcessHost;
  readonly #registry: Registry;
  readonly #cells = new Map<string, Cell>();

  constructor(host: ProcessHost, registry: Registry) {
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
   * The process with that id, or with that address on this node.
   *
   * @throws {DenizenError} `bad_address`, `unknown_process`, or `offline` for a process of another node.
   */
  resolve(text: string): Target {
    return this.#cells.get(text) ?? this.#parse(text);
  }

  /**
   * One key can be written in several ways, such as `%41` for `A`: only the id made of the parts is the
   * process's own (G1).
   */
  #parse(text: string): Target {
    const address = parseAddress(text);
    const { node, process, key, package: packageName, publisher } = address;
    if (node !== "our") {
      throw new DenizenError("offline", `Cannot reach the node as this one is not linked to it: ${node}`);
    }
    const id = idOf(address);
    const definition = this.#registry.get(`${process}:${packageName}:${publisher}`);
    if (!definition || definition.keyed !== (key !== undefined)) throw this.#registry.unknown(id, definition);
    return { definition, id, key };
  }

  /**
   * The cell of the process with that id or address; see {@link resolve} and {@link cellOf} for what is
   * thrown.
   */
  find(text: string): Cell {
    return this.#cells.get(text) ?? this.cellOf(this.#parse(text));
  }

  /**
   * The cell of a process, made if it is not in memory. A target may be older than the cell: what was in
   * memory when it was resolved may have left since.
   *
   * @throws {DenizenError} `overloaded` if too many processes are in memory.
   */
  cellOf({ definition, id, key }: Target): Cell {
    const existing = this.#cells.get(id);
    if (existing) return existing;
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

  /**
   * Commits from `from` on were lost: every state that depends on one of them goes back to what is durable.
   */
  lose(from: number, error: DenizenError): void {
    for (const cell of this.#cells.values()) cell.lose(from, error);
  }
}
