/** `denizen new`: creates an app that runs and whose tests pass. */
import * as path from "node:path";
import { pathToFileURL } from "node:url";
import { PACKAGE_NAME, packageNameOf, PUBLISHER_DEFAULT, PUBLISHER_NAME } from "@denizen/macro/generate";
import { defineCommand } from "./terminal/command.ts";
import { EXIT, ExplainedError, UsageError } from "./terminal/failure.ts";
import { type Checkout, denizenTask, findCheckout, PUBLIC_MODULES, VERSION } from "./launch/installation.ts";
import { shellWord } from "./terminal/shell_word.ts";
import COUNTER from "./template/counter.ts" with { type: "text" };
import COUNTER_TEST from "./template/counter_test.ts" with { type: "text" };
import GITIGNORE from "./template/gitignore" with { type: "text" };
import README from "./template/README.md" with { type: "text" };

interface Identity {
  readonly package: string;
  readonly publisher: string;
}

export const newApp = defineCommand({
  name: "new",
  summary: "Creates an app: a process, its test and tasks to run them.",
  usage: "<folder> [options]",
  arguments: [1, 1],
  options: {
    package: {
      type: "string",
      value: "<name>",
      help: "the package of its processes (default: derived from the name of the folder)",
    },
    publisher: {
      type: "string",
      value: "<name>",
      help: "the publisher, a dotted name such as me.os (default local)",
    },
  },
  notes: ["Package and publisher are part of every process's address, process:package:publisher."],
  examples: ["denizen new my-app", "denizen new shop --publisher me.os"],
  async run(values, [folder = ""], terminal) {
    const target = path.resolve(folder);
    const identity = readIdentity(values, target);
    await makeFolder(target, folder);
    const files = filesOf(identity, await findCheckout());
    for (const [name, text] of Object.entries(files)) await Deno.writeTextFile(path.join(target, name), text);
    terminal.object({ event: "created", folder: target, ...identity, files: Object.keys(files) });
    const address = `counter:${identity.package}:${identity.publisher}`;
    terminal.line(`Created ${folder} with ${Object.keys(files).join(", ")}. Next:

  cd ${shellWord(folder)}
  deno task dev     hosts it, and reloads it when sources change
  deno task test

  curl -d '{"Increment":5}' http://127.0.0.1:8080/${address}/api`);
    return EXIT.ok;
  },
});

function readIdentity(
  values: { package: string | undefined; publisher: string | undefined },
  target: string,
): Identity {
  const name = values.package ?? packageNameOf(path.basename(target));
  if (!PACKAGE_NAME.pattern.test(name)) {
    throw new UsageError(
      `Cannot use the package name as it must be ${PACKAGE_NAME.rule}: "${name}"`,
      "choose another one with --package",
    );
  }
  const publisher = values.publisher ?? PUBLISHER_DEFAULT;
  if (!PUBLISHER_NAME.pattern.test(publisher)) {
    throw new UsageError(
      `Cannot use the publisher name as it must be ${PUBLISHER_NAME.rule}: "${publisher}"`,
    );
  }
  return { package: name, publisher };
}

async function makeFolder(target: string, shown: string): Promise<void> {
  const fail = (reason: string): never => {
    throw new ExplainedError({
      code: "bad_option",
      message: `Cannot create an app in ${shown} as ${reason}`,
    });
  };
  try {
    await Deno.mkdir(target, { recursive: true });
    const [entry] = await Array.fromAsync(Deno.readDir(target));
    if (entry) return fail(`it is not empty: ${entry.name}`);
  } catch (cause) {
    if (cause instanceof ExplainedError) throw cause;
    if (cause instanceof Deno.errors.AlreadyExists || cause instanceof Deno.errors.NotADirectory) {
      return fail("it is a file");
    }
    return fail(cause instanceof Error ? cause.message : String(cause));
  }
}

function filesOf(identity: Identity, checkout: Checkout | undefined): Record<string, string> {
  const fill = (text: string) =>
    text.replaceAll("{{package}}", identity.package).replaceAll("{{publisher}}", identity.publisher);
  return {
    "deno.json": JSON.stringify(configOf(identity, checkout), null, 2) + "\n",
    "counter.ts": COUNTER,
    "counter_test.ts": COUNTER_TEST,
    "README.md": fill(README),
    ".gitignore": GITIGNORE,
  };
}

function configOf(identity: Identity, checkout: Checkout | undefined): object {
  const denizen = denizenTask(checkout);
  return {
    denizen: identity,
    tasks: {
      run: `${denizen} run .`,
      dev: `${denizen} dev .`,
      test: `${denizen} gen . && deno test -P=test`,
      denizen,
    },
    // A worker, which runs WebAssembly packs, needs permission to read its program.
    permissions: { test: { read: [".", ...checkout?.folders ?? []], net: ["127.0.0.1"] } },
    imports: checkout ? PUBLIC_MODULES : publishedModules(),
    ...(checkout && { scopes: { [pathToFileURL(checkout.root).href + "/"]: checkout.imports } }),
    unstable: ["kv"],
    nodeModulesDir: "none",
    exclude: [".denizen"],
  };
}

/** The imports of apps of a published version; they cover subpaths such as `@denizen/macro/codec`. */
function publishedModules(): Record<string, string> {
  return {
    "@denizen/macro": `jsr:@denizen/macro@${VERSION}`,
    "@denizen/runtime": `jsr:@denizen/runtime@${VERSION}`,
  };
}
