/**
 * One list for everyone who has it open: a change reaches every page at once, and only after it is on disk.
 */
import { Http, http, type Option, process, type u32, Ws, ws } from "@denizen/macro";
import { type Context, Refusal, type WsEvent } from "@denizen/runtime";

const TITLE_CHARACTERS_MAX = 200;
const ITEMS_MAX = 1_000;

export interface Item {
  readonly id: u32;
  title: string;
  done: boolean;
  due: Option<Date>;
}

/** What an open page receives: the whole list when it connects, then each change. */
export type Update = { items: Item[] } | { changed: Item } | { removed: u32 };

@process({ name: "Todo", ui: "ui", endpoints: [Http("/api"), Ws("/ws")] })
export class Todo {
  items: Map<u32, Item> = new Map();
  lastId: u32 = 0;

  @http({ method: "GET", path: "/items" })
  list(): Item[] {
    return [...this.items.values()];
  }

  @http
  add(title: string, due: Option<Date>, ctx: Context): Item {
    if (this.items.size >= ITEMS_MAX) {
      throw new Refusal(`Cannot add a todo as the list is full: ${ITEMS_MAX}`);
    }
    const item = { id: ++this.lastId, title: checkedTitle(title), done: false, due };
    this.items.set(item.id, item);
    return publish(item, ctx);
  }

  @http
  rename(id: u32, title: string, ctx: Context): Item {
    const item = this.#find(id);
    item.title = checkedTitle(title);
    return publish(item, ctx);
  }

  @http
  schedule(id: u32, due: Option<Date>, ctx: Context): Item {
    const item = this.#find(id);
    item.due = due;
    return publish(item, ctx);
  }

  @http
  setDone(id: u32, done: boolean, ctx: Context): Item {
    const item = this.#find(id);
    item.done = done;
    return publish(item, ctx);
  }

  @http
  remove(id: u32, ctx: Context): void {
    this.items.delete(this.#find(id).id);
    ctx.ws.broadcast({ removed: id } satisfies Update);
  }

  @ws
  socket(channel: u32, event: WsEvent, ctx: Context): void {
    if (event.type === "open") ctx.ws.send(channel, { items: this.list() } satisfies Update);
  }

  #find(id: u32): Item {
    const item = this.items.get(id);
    if (!item) {
      throw new Refusal(`Cannot find the todo as it was removed or never was: ${id}`, { status: 404 });
    }
    return item;
  }
}

function checkedTitle(title: string): string {
  const trimmed = title.trim();
  if (trimmed === "") throw new Refusal("Cannot keep a todo without a title");
  if (trimmed.length > TITLE_CHARACTERS_MAX) {
    throw new Refusal(
      `Cannot keep the title as it has more than ${TITLE_CHARACTERS_MAX} characters: ${trimmed.length}`,
    );
  }
  return trimmed;
}

function publish(item: Item, ctx: Context): Item {
  ctx.ws.broadcast({ changed: item } satisfies Update);
  return item;
}
