/** `denizen call`: sends one message to a process of a running node and shows the answer. */
import { type DefinitionInfo, keyedId } from "@denizen/runtime";
import { defineCommand, readDuration } from "./terminal/command.ts";
import { EXIT, ExplainedError, UsageError } from "./terminal/failure.ts";
import { NodeClient, TARGET_OPTIONS } from "./launch/node_client.ts";
import { didYouMean } from "./terminal/suggest.ts";

export const call = defineCommand({
  name: "call",
  summary: "Calls a handler of a process of a running node.",
  usage: "<address> [body] [options]",
  arguments: [1, Infinity],
  options: {
    ...TARGET_OPTIONS,
    timeout: {
      type: "string",
      value: "<time>",
      help: "how long the answer may take, such as 500ms or 2m (default 30s)",
    },
  },
  notes: [
    "The address is process:package:publisher, or the process alone where only one has that name; a keyed process has\n" +
    'its key behind a dot: room.general. The body is JSON: a handler with its arguments, {"Increment":5}, or a handler\n' +
    "alone, Status. A body of - is read from standard input. Without a body the handlers are listed.",
  ],
  examples: [
    "denizen call counter:examples:denizen.os '{\"Increment\":5}'",
    "denizen call sign Identity",
    'denizen call room.general \'{"Say":["ann","hello"]}\' --timeout 2s',
    "jq .order order.json | denizen call shop -",
  ],
  async run(values, [address = "", given, ...more], terminal) {
    if (given !== undefined && more.length > 0) throw looseArguments(given, more);
    const timeoutMs = readDuration("timeout", values.timeout ?? "30s");
    const body = given === undefined ? undefined : await readBody(given);
    const client = await NodeClient.find(values);
    const id = address.includes(":") ? address : fullAddress(address, await client.definitions());
    if (body === undefined) throw noBody(id, await client.definitions());
    const answer = await client.call(id, body, timeoutMs);
    if ("value" in answer) {
      terminal.object(answer);
      terminal.line(JSON.stringify(answer.value ?? null, null, 2));
      return EXIT.ok;
    }
    terminal.object(answer);
    if (!terminal.json) {
      const { code, message } = answer.error;
      terminal.failure({ code, message, hint: await hintFor(code, id, body, client) });
    }
    return EXIT.answeredError;
  },
});

/** For `call counter Increment 5`, as other tools would take it. */
function looseArguments(tag: string, loose: readonly string[]): UsageError {
  const values = loose.map((text) => {
    try {
      return JSON.parse(text);
    } catch {
      return text;
    }
  });
  const body = JSON.stringify({ [tag]: values.length === 1 ? values[0] : values });
  return new UsageError(
    "Cannot run denizen call as the handler and its arguments are one body, in JSON",
    /^[A-Z][A-Za-z0-9]*$/.test(tag) ? `write '${body.replaceAll("'", "'\\''")}'` : "see denizen call --help",
  );
}

async function readBody(given: string): Promise<string> {
  if (/^[A-Z][A-Za-z0-9]*$/.test(given)) return JSON.stringify(given);
  const body = given === "-" ? await new Response(Deno.stdin.readable).text() : given;
  try {
    JSON.parse(body);
    return body;
  } catch (cause) {
    throw new UsageError(
      `Cannot send the body as it is no JSON: ${cause instanceof Error ? cause.message : cause}`,
      `write '{"Increment":5}', or Status for a handler without arguments, in quotes that your shell leaves alone`,
    );
  }
}

const processOf = (id: string) => id.slice(0, id.indexOf(":"));

/** The id of the process that `name`, such as `counter` or `room.general`, means. */
export function fullAddress(name: string, definitions: readonly DefinitionInfo[]): string {
  const dot = name.indexOf(".");
  const process = dot === -1 ? name : name.slice(0, dot);
  const found = definitions.filter(({ id }) => processOf(id) === process);
  const [definition] = found;
  if (!definition) {
    throw new ExplainedError({
      code: "unknown_process",
      message: `Cannot call ${name} as the node hosts no such process`,
      hint: didYouMean(process, definitions.map(({ id }) => processOf(id))),
    });
  }
  if (found.length > 1) {
    throw new UsageError(
      `Cannot call ${name} as it could be any of ${found.map(({ id }) => id).join(", ")}`,
      "write the address in full",
    );
  }
  if (definition.keyed && dot === -1) {
    throw new UsageError(
      `Cannot call ${name} as there is one for each key`,
      `write ${process}.<key>, such as ${process}.general`,
    );
  }
  if (!definition.keyed && dot !== -1) {
    throw new UsageError(`Cannot call ${name} as ${definition.id} has no keys`, `write ${process}`);
  }
  return dot === -1 ? definition.id : keyedId(definition.id, name.slice(dot + 1));
}

const withoutNode = (address: string) => address.slice(address.indexOf("@") + 1);

/** The definition whose process `address` is, if it is well formed and hosted. */
function definitionAt(address: string, definitions: readonly DefinitionInfo[]): DefinitionInfo | undefined {
  const id = withoutNode(address).replace(/^([^.:]*)\.[^:]*/, "$1");
  return definitions.find((definition) => definition.id === id);
}

function noBody(address: string, definitions: readonly DefinitionInfo[]): UsageError {
  const definition = definitionAt(address, definitions);
  const tags = definition?.handlers.map(({ tag, parameters }) => `${tag}(${parameters.join(", ")})`) ?? [];
  return new UsageError(
    `Cannot call ${address} as no body says which handler`,
    tags.length === 0 ? undefined : `it has ${tags.join(", ")}`,
  );
}

async function hintFor(
  code: string,
  address: string,
  body: string,
  client: NodeClient,
): Promise<string | undefined> {
  if (!["unknown_process", "bad_address", "unknown_handler", "wrong_transport"].includes(code)) {
    return undefined;
  }
  const definitions = await client.definitions();
  const definition = definitionAt(address, definitions);
  if (!definition) return didYouMean(withoutNode(address), definitions.map(({ id }) => id));
  const tag = tagOf(JSON.parse(body));
  if (code === "unknown_handler") return didYouMean(tag, definition.handlers.map((handler) => handler.tag));
  const handler = definition.handlers.find((handler) => handler.tag === tag);
  const [path] = definition.paths.filter((path) => !path.endsWith("/"));
  const [method, routed = path] = handler?.route?.split(" ") ?? ["POST"];
  if (routed === undefined) return undefined;
  const url = client.url + routed.replace(/^\/[^/]*/, `/${withoutNode(address)}`);
  return `over HTTP it is ${method} ${url}`;
}

function tagOf(message: unknown): string {
  return typeof message === "string" ? message : Object.keys(message ?? {})[0] ?? "";
}
