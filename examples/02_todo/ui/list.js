/**
 * The list as the process reports it. A row lives as long as its todo, so that what someone types into it
 * survives every change.
 */
import { Row } from "./row.js";

export class List {
  #send;
  #element = document.querySelector("#items");
  #summary = document.querySelector("#summary");
  /** @type {Map<number, import("../todo.ts").Item>} */
  #items = new Map();
  /** @type {Map<number, Row>} */
  #rows = new Map();

  /** `send` takes a command to the process. */
  constructor(send) {
    this.#send = send;
    setInterval(() => this.#draw(), 60_000); // "Today" and "Late" change with the clock.
  }

  /** @param {import("../todo.ts").Update} update */
  apply(update) {
    if ("items" in update) this.#items = new Map(update.items.map((item) => [item.id, item]));
    else if ("changed" in update) this.#items.set(update.changed.id, update.changed);
    else this.#items.delete(update.removed);
    this.#draw();
  }

  #draw() {
    const focused = document.activeElement;
    for (const [id, row] of this.#rows) {
      if (!this.#items.has(id)) this.#remove(id, row);
    }
    const items = [...this.#items.values()].sort(inOrder);
    items.forEach((item, index) => {
      const { element } = this.#show(item);
      const place = this.#element.children[index] ?? null;
      if (place !== element) this.#element.insertBefore(element, place);
    });
    if (focused.isConnected) focused.focus({ preventScroll: true });
    this.#summarize(items);
  }

  #show(item) {
    const row = this.#rows.get(item.id) ?? new Row(this.#send);
    this.#rows.set(item.id, row);
    row.show(item);
    return row;
  }

  /** The focus of a row that goes away moves to its neighbour. */
  #remove(id, { element }) {
    const neighbour = element.nextElementSibling ?? element.previousElementSibling;
    const hadFocus = element.contains(document.activeElement);
    element.remove();
    this.#rows.delete(id);
    if (hadFocus) (neighbour?.querySelector(".remove") ?? document.querySelector("#add input")).focus();
  }

  #summarize(items) {
    const open = items.filter((item) => !item.done).length;
    document.body.dataset.items = items.length;
    this.#summary.textContent = open === 0 ? "All done" : `${open} of ${items.length} to do`;
    document.title = open === 0 ? "Todos" : `Todos (${open})`;
  }
}

/** Open todos come first, then those due earlier, then older ones. */
function inOrder(a, b) {
  const due = ({ due }) => due === null ? Number.MAX_VALUE : Date.parse(due);
  return a.done - b.done || due(a) - due(b) || a.id - b.id;
}
