import type { Option, u64 } from "@denizen/macro";

export interface Todo {
  readonly id: u64;
  title: string;
  done: boolean;
  dueDate?: Date;
  tags: string[];
}

export type Change = { kind: "tag"; tags: readonly string[] } | { kind: "rename"; title: string };

export interface Page<T> {
  items: T[];
  next: Option<u64>;
}
