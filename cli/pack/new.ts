/** `denizen pack new`: makes a pack that builds and passes its test untouched. */
import * as path from "node:path";
import { defineCommand } from "../terminal/command.ts";
import { EXIT, ExplainedError, UsageError } from "../terminal/failure.ts";
import { denizenTask, findCheckout } from "../launch/installation.ts";
import { shellWord } from "../terminal/shell_word.ts";
import { didYouMean } from "../terminal/suggest.ts";

export const newPackCommand = defineCommand({
  name: "pack new",
  summary: "Makes a new pack: an actor in C, Rust or AssemblyScript, and its test.",
  usage: "<folder> --lang c|rust|assemblyscript",
  arguments: [1, 1],
  options: {
    lang: {
      type: "string",
      value: "<language>",
      help: "c, rust (both native and WebAssembly) or assemblyscript (WebAssembly, needs no compiler)",
    },
  },
  notes: [
    "The pack is called as its folder: lower-case letters, digits and _; a - of the folder is a _ of the pack.",
  ],
  examples: ["denizen pack new words --lang assemblyscript", "denizen pack new ../pixels --lang c"],
  async run(values, [folder = ""], terminal) {
    const { BuildFailure, LANGUAGES, newPack, PACK_NAME, packNameOf } = await import(
      "@denizen/pack-sdk/build"
    );
    const language = LANGUAGES.find((language) => language === values.lang);
    if (!language) {
      throw new UsageError(
        `Cannot make a pack as ${
          values.lang === undefined ? "--lang is missing" : `there is no such language: ${values.lang}`
        }`,
        values.lang === undefined ? `there is ${LANGUAGES.join(", ")}` : didYouMean(values.lang, LANGUAGES),
      );
    }
    const name = packNameOf(folder);
    if (!PACK_NAME.test(name)) {
      throw new UsageError(
        `Cannot name the pack as it is not lower-case letters, digits and "_": "${name}"`,
        "call the folder what the pack is to be called",
      );
    }
    let files: readonly string[];
    try {
      const denizen = denizenTask(await findCheckout());
      files = await newPack(folder, language, { tasks: { denizen, build: `${denizen} pack build` } });
    } catch (thrown) {
      if (!(thrown instanceof BuildFailure)) throw thrown;
      throw new ExplainedError({ code: "pack_build", message: thrown.message });
    }
    terminal.object({ event: "created", folder: path.resolve(folder), name, language, files });
    terminal.line(`Made ${folder} with ${files.join(", ")}. Next:

  cd ${shellWord(folder)}
  deno task build
  deno task test

  deno task denizen pack add ${shellWord(path.resolve(folder))}      in the folder of an app`);
    return EXIT.ok;
  },
});
