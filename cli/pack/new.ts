/** `denizen pack new`: creates a pack that builds and whose tests pass. */
import * as path from "node:path";
import { defineCommand } from "../terminal/command.ts";
import { EXIT, ExplainedError, UsageError } from "../terminal/failure.ts";
import { denizenTask, findCheckout } from "../launch/installation.ts";
import { shellWord } from "../terminal/shell_word.ts";
import { didYouMean } from "../terminal/suggest.ts";

export const newPackCommand = defineCommand({
  name: "pack new",
  summary: "Creates a pack: an actor in C, Rust or AssemblyScript, and its test.",
  usage: "<folder> --lang c|rust|assemblyscript",
  arguments: [1, 1],
  options: {
    lang: {
      type: "string",
      value: "<language>",
      help: "c or rust (native code and WebAssembly), or assemblyscript (WebAssembly, no compiler needed)",
    },
  },
  notes: [
    "The name of the folder is the name of the pack: lower-case letters, digits and _; each - becomes a _.",
  ],
  examples: ["denizen pack new words --lang assemblyscript", "denizen pack new ../pixels --lang c"],
  async run(values, [folder = ""], terminal) {
    const { BuildFailure, LANGUAGES, newPack, PACK_NAME, packNameOf } = await import(
      "@denizen/pack-sdk/build"
    );
    const language = LANGUAGES.find((language) => language === values.lang);
    if (!language) {
      throw new UsageError(
        `Cannot create a pack as ${
          values.lang === undefined ? "--lang is missing" : `there is no such language: ${values.lang}`
        }`,
        values.lang === undefined
          ? `choose one of ${LANGUAGES.join(", ")}`
          : didYouMean(values.lang, LANGUAGES),
      );
    }
    const name = packNameOf(folder);
    if (!PACK_NAME.test(name)) {
      throw new UsageError(
        `Cannot use the name of the pack as it must be lower-case letters, digits and "_": "${name}"`,
        "choose another name for the folder",
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
    terminal.line(`Created ${folder} with ${files.join(", ")}. Next:

  cd ${shellWord(folder)}
  deno task build
  deno task test

  deno task denizen pack add ${shellWord(path.resolve(folder))}      in the folder of an app`);
    return EXIT.ok;
  },
});
