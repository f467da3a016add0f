/** One todo: a checkbox, its due date, and a form to edit both its title and its date. */
import { dayOf, describeDue, dueOf, isLate } from "./due.js";

const template = document.querySelector("#item");

export class Row {
  element = template.content.cloneNode(true).firstElementChild;
  #send;
  #item;
  #view = this.#find(".view");
  #form = this.#find("form");
  #checkbox = this.#find("[type=checkbox]");

  constructor(send) {
    this.#send = send;
    this.#checkbox.addEventListener("change", () => this.#check());
    this.#find(".edit").addEventListener("click", () => this.#open());
    this.#find(".remove").addEventListener("click", () => send("Remove", this.#item.id));
    this.#find(".cancel").addEventListener("click", () => this.#close());
    this.#form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#save();
    });
    this.element.addEventListener("keydown", ({ key }) => {
      if (key === "F2" && this.#form.hidden) this.#open();
      if (key === "Escape" && !this.#form.hidden) this.#close();
    });
  }

  #find(selector) {
    return this.element.querySelector(selector);
  }

  show(item) {
    const { title, done, due } = this.#item = item;
    this.#checkbox.checked = done;
    this.#find(".title").textContent = title;
    this.#find(".edit").ariaLabel = `Edit ${title}`;
    this.#find(".remove").ariaLabel = `Remove ${title}`;
    const time = this.#find("time");
    time.hidden = due === null;
    time.dateTime = dayOf(due);
    time.textContent = describeDue(due);
    this.element.classList.toggle("late", !done && isLate(due));
  }

  async #check() {
    const { checked } = this.#checkbox;
    if (!await this.#send("SetDone", [this.#item.id, checked])) this.#checkbox.checked = !checked;
  }

  #open() {
    const { title, due } = this.#form.elements;
    title.value = this.#item.title;
    due.value = dayOf(this.#item.due);
    this.#form.hidden = false;
    this.#view.hidden = true;
    title.select();
  }

  #close() {
    this.#form.hidden = true;
    this.#view.hidden = false;
    this.#find(".edit").focus();
  }

  /** Sends what was changed, and closes when the process has accepted all of it. */
  async #save() {
    const { id, title, due } = this.#item;
    const entered = this.#form.elements;
    if (entered.title.value !== title && !await this.#send("Rename", [id, entered.title.value])) return;
    const day = entered.due.value;
    if (day !== dayOf(due) && !await this.#send("Schedule", [id, dueOf(day)])) return;
    this.#close();
  }
}
