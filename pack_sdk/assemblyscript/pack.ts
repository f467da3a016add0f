/**
 * Denizen packs in AssemblyScript. The contract is `../ABI.md`.
 *
 *   import { Actor, pack, Tick } from "@denizen/pack-sdk/assemblyscript/pack";
 *
 *   class Counter extends Actor {
 *     count: i64 = 0;
 *
 *     run(tick: Tick): void {
 *       this.count += tick.input("step").integer(1);
 *       tick.put("count", this.count);
 *     }
 *   }
 *
 *   pack("hello", "1.0.0")
 *     .template("hello.counter", () => new Counter(), "step?: number", "count: number");
 *
 * Compiled with `exports.ts` as a second entry, so that the module exports the symbols of the contract. An
 * exception or a failed assertion is a trap and ends the module with all its instances: to refuse an input,
 * an actor calls `tick.fail`.
 */
import { Tick } from "./tick";

export { Tick } from "./tick";
export { Kind, Value } from "./value";

/** An instance of a template. Its fields are its state. */
export abstract class Actor {
  abstract run(tick: Tick): void;
}

export class Template {
  constructor(
    readonly name: string,
    readonly factory: () => Actor,
    readonly inports: string,
    readonly outports: string,
    readonly config: string,
    readonly description: string,
    readonly blocking: bool,
  ) {}

  describe(json: Tick): void {
    json.put("name", this.name);
    json.put("inports", namesIn(this.inports));
    json.put("outports", namesIn(this.outports));
    json.openObject("types");
    describeTypes(json, this.inports, "", []);
    describeTypes(json, this.outports, "out.", namesIn(this.inports));
    describeTypes(json, this.config, "config.", namesIn(this.config));
    json.close();
    json.put("blocking", this.blocking);
    json.put("description", this.description);
  }
}

export class Pack {
  name: string = "";
  version: string = "";
  templates: Template[] = [];

  /**
   * Adds a template. Ports and config are lists such as "left: number, right?: number[]", with the types of
   * TypeScript.
   */
  template(
    name: string,
    factory: () => Actor,
    inports: string = "",
    outports: string = "",
    description: string = "",
    config: string = "",
    blocking: bool = false,
  ): Pack {
    this.templates.push(new Template(name, factory, inports, outports, config, description, blocking));
    return this;
  }

  describe(json: Tick): void {
    json.put("name", this.name);
    json.put("version", this.version);
    json.openList("templates");
    for (let i = 0; i < this.templates.length; i++) {
      json.openObject("");
      this.templates[i].describe(json);
      json.close();
    }
    json.close();
  }
}

export const theOnlyPack = new Pack();

/** Names the pack; called once. */
export function pack(name: string, version: string): Pack {
  theOnlyPack.name = name;
  theOnlyPack.version = version;
  return theOnlyPack;
}

/** The ports of a list, each "name: type" or "name?: type". */
function portsIn(list: string): string[] {
  const ports: string[] = [];
  let depth = 0, from = 0;
  for (let i = 0; i <= list.length; i++) {
    const c = i < list.length ? list.charCodeAt(i) : 44;
    if (c == 60 || c == 40 || c == 91 || c == 123) depth++;
    if (c == 62 && i > 0 && list.charCodeAt(i - 1) != 61 || c == 41 || c == 93 || c == 125) depth--;
    if (c != 44 || depth > 0 && i < list.length) continue;
    const port = list.substring(from, i).trim();
    if (port.length > 0) ports.push(port);
    from = i + 1;
  }
  return ports;
}

function nameOf(port: string): string {
  const colon = port.indexOf(":");
  const name = (colon < 0 ? port : port.substring(0, colon)).trim();
  return name.endsWith("?") ? name.substring(0, name.length - 1) : name;
}

function namesIn(list: string): string[] {
  const ports = portsIn(list);
  for (let i = 0; i < ports.length; i++) ports[i] = nameOf(ports[i]);
  return ports;
}

/** Writes the types of a list; names in `taken` get the prefix. */
function describeTypes(json: Tick, list: string, prefix: string, taken: string[]): void {
  const ports = portsIn(list);
  for (let i = 0; i < ports.length; i++) {
    const port = ports[i], colon = port.indexOf(":");
    if (colon < 0) continue;
    const name = nameOf(port), type = port.substring(colon + 1).trim();
    const optional = port.substring(0, colon).trim().endsWith("?");
    json.put(taken.includes(name) ? prefix + name : name, optional ? type + " | undefined" : type);
  }
}
