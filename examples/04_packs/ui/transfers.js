/** Uploads in progress, one after the other: how far each is, and why one failed, until that is dismissed. */
import { describeBytes } from "./format.js";

const template = document.querySelector("#transfer");

export class Transfers {
  #element = document.querySelector("#transfers");
  #last = Promise.resolve();
  #onStored;
  /** The process refuses larger files, so they are not sent. */
  fileBytesMax = Infinity;

  /** `onStored(name, upload, isNew)` is called for each file that was stored. */
  constructor(onStored) {
    this.#onStored = onStored;
  }

  /** @param {File} file */
  send(file) {
    if (file.size > this.fileBytesMax) {
      const size = `${describeBytes(file.size)}, and ${describeBytes(this.fileBytesMax)} is the most`;
      return this.fail(file.name, `Too large: it has ${size}.`);
    }
    const row = this.#add(file.name);
    this.#last = this.#last.then(() => this.#send(file, row));
  }

  /** Shows that an upload failed. */
  fail(name, problem) {
    this.#showProblem(this.#add(name), problem);
  }

  async #send(file, row) {
    const progress = row.querySelector("progress");
    try {
      const { status, response } = await post(file, (share) => progress.value = share);
      if (status >= 300) return this.#showProblem(row, response?.error.message ?? `The node said ${status}.`);
      row.remove();
      this.#onStored(file.name, response, status === 201);
    } catch {
      this.#showProblem(row, "Cannot send it: the node is away, or the file cannot be read.");
    }
  }

  #add(name) {
    const row = template.content.cloneNode(true).firstElementChild;
    row.querySelector(".name").textContent = name;
    row.querySelector("progress").ariaLabel = `Sending ${name}`;
    this.#element.append(row);
    return row;
  }

  #showProblem(row, text) {
    const problem = row.querySelector(".problem");
    const dismiss = row.querySelector(".dismiss");
    row.querySelector("progress").remove();
    problem.hidden = dismiss.hidden = false;
    problem.textContent = text;
    dismiss.ariaLabel = `Dismiss ${row.querySelector(".name").textContent}`;
    dismiss.addEventListener("click", () => {
      row.remove();
      (this.#element.querySelector(".dismiss:not([hidden])") ?? document.querySelector("#choose")).focus();
    });
  }
}

/** `fetch` does not report the progress of an upload. */
function post(file, onProgress) {
  const { promise, resolve, reject } = Promise.withResolvers();
  const request = new XMLHttpRequest();
  request.open("POST", `files/${encodeURIComponent(file.name)}`);
  request.setRequestHeader("content-type", "application/octet-stream");
  request.responseType = "json";
  request.upload.onprogress = ({ loaded, total }) => onProgress(loaded / total);
  request.onload = () => resolve(request);
  request.onerror = reject;
  request.send(file);
  return promise;
}
