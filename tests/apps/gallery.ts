/** A process whose handlers leave states that could not be read back as they were. */
import { type f32, local, type Option, process, type u32 } from "@denizen/macro";

export interface Picture {
  title: string;
}

export interface Branch {
  left: Option<Branch>;
  right: Option<Branch>;
}

export type Change = "share" | "map key" | "levels" | "cycle" | "close numbers" | "close keys" | "instance";

class Painting implements Picture {
  constructor(readonly title: string) {}
}

@process({ name: "Gallery", keyed: true })
export class Gallery {
  pictures: Picture[] = [{ title: "a" }, { title: "b" }];
  selected: Picture = { title: "none" };
  scores: Map<Picture, u32> = new Map();
  root: Option<Branch> = null;
  sizes: Set<f32> = new Set();
  prices: Map<f32, u32> = new Map();
  pair: [first?: u32, second?: u32] = [];

  @local
  change(change: Change): void {
    const [picture] = this.pictures as [Picture];
    switch (change) {
      case "share":
        this.selected = picture;
        break;
      case "map key":
        this.scores.set(picture, 1);
        break;
      case "levels":
        for (let level = 0; level < 200; level++) this.root = { left: this.root, right: this.root };
        break;
      case "cycle":
        this.root = { left: null, right: null };
        this.root.left = this.root;
        break;
      case "close numbers":
        this.sizes.add(0.1).add(Math.fround(0.1));
        break;
      case "close keys":
        this.prices.set(0.1, 1).set(Math.fround(0.1), 2);
        break;
      case "instance":
        this.pictures.push(new Painting("c"));
    }
  }

  @local
  setSecond(value: u32): void {
    this.pair = [undefined, value];
  }

  /** The same picture twice: a reply may share its parts. */
  @local
  twice(): Picture[] {
    const [picture] = this.pictures as [Picture];
    return [picture, picture];
  }

  /** A reply without end. */
  @local
  endless(): Branch {
    const branch: Branch = { left: null, right: null };
    branch.right = branch;
    return branch;
  }

  /** A reply of so many levels, each shared by the one above. */
  @local
  wide(levels: u32): Option<Branch> {
    let branch: Option<Branch> = null;
    for (let level = 0; level < levels; level++) branch = { left: branch, right: branch };
    return branch;
  }

  @local
  show(): string {
    const { pictures, selected, scores, root, sizes, prices, pair } = this;
    return JSON.stringify([pictures, selected, [...scores], root, [...sizes], [...prices], [...pair]]);
  }
}
