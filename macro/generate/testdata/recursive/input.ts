import { http, Http, type Option, process, type u32 } from "@denizen/macro";

export interface Folder {
  name: string;
  folders: Folder[];
  byName: Map<string, Folder>;
}

export type Nested = u32 | Nested[];

export interface Link<T> {
  value: T;
  next: Option<Link<T>>;
}

@process({ name: "Recursive", endpoints: [Http("/api")] })
export class Recursive {
  root: Folder = { name: "", folders: [], byName: new Map() };

  @http walk(folder: Folder, nested: Nested): Link<string> {
    return { value: `${folder.name} ${nested}`, next: null };
  }
}
