/** One upload: its names, how its text begins, what is nearly the same, and its sizes. */
import { describeBytes, describeMoment, describeSimilarity, describeStored } from "./format.js";

/** The end of the addresses of this app's processes: `:examples:denizen.os`. */
const APP = /:[^/]*/.exec(location.pathname)[0];
const template = document.querySelector("#upload");

export class Row {
  element = template.content.cloneNode(true).firstElementChild;
  #upload;

  /** `remove(upload)` deletes it. */
  constructor(remove) {
    this.#find(".remove").addEventListener("click", () => remove(this.#upload));
  }

  #find(selector) {
    return this.element.querySelector(selector);
  }

  /**
   * @param {import("../uploads.ts").Upload} upload
   * @param {{ upload: import("../uploads.ts").Upload, similarity: number }[]} near
   */
  show(upload, near) {
    this.#upload = upload;
    const { hash, names: [name, ...others], bytes, storedBytes, at, excerpt } = upload;
    this.element.id = idOf(upload);
    const link = this.#find(".name");
    link.textContent = link.download = name;
    link.title = `Download ${name}`;
    link.href = `../content.${hash}${APP}/bytes`;
    this.#find(".others").textContent = others.length > 0 ? `also ${others.join(", ")}` : "";
    this.#find(".excerpt").textContent = excerpt ?? "";
    this.#find(".bytes").textContent = describeBytes(bytes);
    this.#find(".stored").textContent = describeStored(upload);
    this.#find(".stored").style.setProperty("--share", Math.min(storedBytes / Math.max(bytes, 1), 1));
    this.#find("time").dateTime = at;
    this.#find("time").textContent = describeMoment(at);
    this.#find("code").textContent = hash.slice(0, 12);
    this.#find("code").title = hash;
    this.#find(".remove").ariaLabel = `Delete ${name}`;
    this.#find(".near").replaceChildren(...near.map(chip));
  }
}

function idOf({ hash }) {
  return `upload-${hash}`;
}

/** "91% like draft.txt", which leads there. */
function chip({ upload, similarity }) {
  const link = document.createElement("a");
  link.href = `#${idOf(upload)}`;
  link.textContent = `${describeSimilarity(similarity)} like ${upload.names[0]}`;
  const item = document.createElement("li");
  item.append(link);
  return item;
}
