/** The uploads as the process reports them, newest first. */
import { describeBytes } from "./format.js";
import { Row } from "./row.js";

export class List {
  #remove;
  #element = document.querySelector("#uploads");
  #summary = document.querySelector("#summary");
  /** @type {Map<string, import("../uploads.ts").Upload>} */
  #uploads = new Map();
  /** @type {Map<string, Row>} */
  #rows = new Map();

  /** `remove(upload)` deletes one. */
  constructor(remove) {
    this.#remove = remove;
    setInterval(() => this.#draw(), 60_000); // "Today" changes with the clock.
  }

  /** @param {import("../uploads.ts").Update} update */
  apply(update) {
    if ("uploads" in update) this.#uploads = new Map(update.uploads.map((upload) => [upload.hash, upload]));
    else if ("changed" in update) this.#uploads.set(update.changed.hash, update.changed);
    else this.#uploads.delete(update.removed);
    this.#draw();
  }

  /** Existing uploads that are nearly the same as one, nearest first. Each upload lists only earlier ones. */
  nearTo({ hash, near }) {
    const similarities = new Map(near.map(({ hash, similarity }) => [hash, similarity]));
    for (const other of this.#uploads.values()) {
      const match = other.near.find((candidate) => candidate.hash === hash);
      if (match) similarities.set(other.hash, match.similarity);
    }
    return [...similarities].filter(([hash]) => this.#uploads.has(hash))
      .map(([hash, similarity]) => ({ upload: this.#uploads.get(hash), similarity }))
      .sort((a, b) => b.similarity - a.similarity);
  }

  #draw() {
    for (const [hash, row] of this.#rows) {
      if (!this.#uploads.has(hash)) this.#take(hash, row);
    }
    const uploads = [...this.#uploads.values()].sort((a, b) => Date.parse(b.at) - Date.parse(a.at));
    uploads.forEach((upload, index) => {
      const row = this.#rows.get(upload.hash) ?? new Row(this.#remove);
      this.#rows.set(upload.hash, row);
      row.show(upload, this.nearTo(upload));
      const place = this.#element.children[index] ?? null;
      if (place !== row.element) this.#element.insertBefore(row.element, place);
    });
    this.#summarize(uploads);
  }

  /** The focus of a row that goes away moves to its neighbour. */
  #take(hash, { element }) {
    const neighbour = element.nextElementSibling ?? element.previousElementSibling;
    const hadFocus = element.contains(document.activeElement);
    element.remove();
    this.#rows.delete(hash);
    if (hadFocus) (neighbour?.querySelector(".remove") ?? document.querySelector("#choose")).focus();
  }

  #summarize(uploads) {
    const sum = (field) => describeBytes(uploads.reduce((total, upload) => total + upload[field], 0));
    document.body.dataset.uploads = uploads.length;
    this.#summary.textContent = `${uploads.length === 1 ? "1 file" : `${uploads.length} files`}, ` +
      `${sum("bytes")}, kept in ${sum("storedBytes")}`;
  }
}
