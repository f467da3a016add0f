import { Http, http, init, local, type Option, process, type Result, type u32, type u64 } from "@denizen/macro";
import type { Context } from "@denizen/runtime";
import { localRpc } from "./generated/audit.ts";
import type { Change, Page, Todo } from "./todo.ts";

@process({ name: "Todo list", keyed: true, endpoints: [Http("/api")] })
export class TodoList {
  private todos = new Map<u64, Todo>();
  private next: u64 = 1n;
  owner?: string;
  static limit = 10;
  onChange = () => {};

  @init async start(ctx: Context): Promise<void> {
    await localRpc(ctx).opened();
  }

  /**
   * Adds a todo.
   *
   * The id is its place in the order.
   *
   * @param title what people see
   * @returns the id
   */
  @http @local add(title: string, dueDate?: Date): u64 {
    const id = this.next++;
    this.todos.set(id, { id, title, dueDate, done: false, tags: [] });
    return id;
  }

  @http @local change(id: u64, change: Change): Result<Todo, string> {
    const todo = this.todos.get(id);
    if (!todo) return { Err: `no todo ${id}` };
    if (change.kind === "tag") todo.tags.push(...change.tags);
    else todo.title = change.title;
    return { Ok: todo };
  }

  @local async list(after: Option<u64>, limit: u32 = 20, ctx?: Context): Promise<Page<Todo>> {
    await ctx;
    const items = [...this.todos.values()].filter((todo) => todo.id > (after ?? 0n)).slice(0, limit);
    return { items, next: items.at(-1)?.id ?? null };
  }

  @http({ method: "GET", path: "/export/:format" }) export(format: "json" | "csv", _ctx: Context): Response {
    return new Response(format);
  }

  @local clear(): void {
    this.todos.clear();
    this.onChange();
  }
}
