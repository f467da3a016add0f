/** `denizen pack`: the commands for packs. */
import { defineGroup } from "../terminal/command_group.ts";
import { add } from "./add.ts";
import { build } from "./build.ts";
import { inspect } from "./inspect.ts";
import { list } from "./list.ts";
import { newPackCommand } from "./new.ts";
import { sign } from "./sign.ts";
import { strip } from "./strip.ts";
import { types } from "./typed_modules.ts";
import { verify } from "./verify.ts";

export const pack = defineGroup({
  name: "pack",
  summary: "Creates, checks and adds packs: actors in native code and WebAssembly.",
  commands: [newPackCommand, build, add, list, types, inspect, verify, sign, strip],
  notes: [
    "A pack is a bundle (.pack, .rflpack), the folder of a built pack, a native library or a WebAssembly module.",
  ],
  examples: [
    "denizen pack new words --lang assemblyscript",
    "denizen pack build words",
    "denizen pack add words",
  ],
});
