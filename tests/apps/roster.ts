/** A process that refers to its state from `#private` fields, closures, locals and loops. */
import { init, local, process, type u32 } from "@denizen/macro";
import { type Context, Refusal } from "@denizen/runtime";
import { contract } from "./generated/roster.ts";

export interface Member {
  name: string;
  points: u32;
}

@process({ name: "Roster", keyed: true })
export class Roster {
  members: Member[] = [];
  teams: Map<string, Member[]> = new Map();
  tags: Set<string> = new Set();
  readonly limit: u32 = 100;
  #byName = new Map<string, Member>();
  #calls = 0;
  /** Sees the list that the instance had when it was made. */
  #count = (): number => 0;

  @init
  start(): void {
    for (const member of this.members) this.#byName.set(member.name, member);
    const { members } = this;
    this.#count = () => members.length;
  }

  @local
  add(name: string): void {
    const member = { name, points: 0 };
    this.members.push(member);
    this.teams.set(name, []);
    this.tags.add(name);
    this.#byName.set(name, member);
  }

  /** Finds the member in the index. */
  @local
  score(name: string, points: u32): void {
    this.#byName.get(name)!.points += points;
  }

  /** Changes everything, and says no. */
  @local
  fail(): void {
    this.#calls++;
    for (const member of this.members) member.points = 99;
    this.members.splice(0, 1, { name: "nobody", points: 1 });
    this.members = [...this.members, { name: "late", points: 2 }];
    for (const key of this.teams.keys()) this.teams.set(key, [{ name: "x", points: 3 }]);
    this.teams.set("added", []);
    this.tags.add("added");
    throw new Refusal("no");
  }

  /** Loops over each container, while a handler inside of it fails and is undone. */
  @local
  async award(ctx: Context): Promise<string[]> {
    const seen: string[] = [];
    const { members, teams, tags } = this;
    for (const member of members) {
      await ctx.call(ctx.self, contract.handlers.Fail!, []);
      member.points += 1;
    }
    for (const [name, team] of teams) {
      await ctx.call(ctx.self, contract.handlers.Fail!, []);
      team.push({ name, points: 0 });
      seen.push(name);
    }
    for (const tag of tags) {
      await ctx.call(ctx.self, contract.handlers.Fail!, []);
      seen.push(tag);
    }
    members.push({ name: "last", points: 0 });
    return seen;
  }

  @local
  show(): string {
    return JSON.stringify([this.members, [...this.teams], [...this.tags]]);
  }

  /** What is not saved: how often a handler failed, how long the list of the closure is, and the constant. */
  @local
  transient(): u32[] {
    return [this.#calls, this.#count(), this.limit];
  }
}
