/** `denizen call`: sends one message to a process of a running node and prints the answer. */
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
      help: "how long to wait for the answer, such as 500ms or 2m (default 30s)",
    },
  },
  notes: [
    "The address is process:package:publisher, or just the process if only one has that name. The key of a keyed process\n" +
    'follows a dot: room.general. The body is JSON: a handler with its arguments, {"Increment":5}, or just the name of a\n' +
    "handler without arguments, Status. With - it is read from standard input.",
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

/** For `call counter Increment 5`: suggests the body in JSON. */
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
    "Cannot run denizen call as the handler and its arguments must be one argument, in JSON",
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
      `Cannot send the body as it is not JSON: ${cause instanceof Error ? cause.message : cause}`,
      `write '{"Increment":5}' in single quotes, or Status for a handler without arguments`,
    );
  }
}

const processOf = (id: string) => id.slice(0, id.indexOf(":"));

/** The id of the process with the short name `name`, such as `counter` or `room.general`. */
function fullAddress(name: string, definitions: readonly DefinitionInfo[]): string {
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
      `Cannot call ${name} as several processes have that name: ${found.map(({ id }) => id).join(", ")}`,
      "write the full address",
    );
  }
  if (definition.keyed && dot === -1) {
    throw new UsageError(
      `Cannot call ${name} as it needs a key`,
      `write ${process}.<key>, such as ${process}.general`,
    );
  }
  if (!definition.keyed && dot !== -1) {
    throw new UsageError(`Cannot call ${name} as ${definition.id} has no keys`, `write ${process}`);
  }
  return dot === -1 ? definition.id : keyedId(definition.id, name.slice(dot + 1));
}

const withoutNode = (address: string) => address.slice(address.indexOf("@") + 1);

/** The definition of the process at `address`, if the node hosts it. */
function definitionAt(address: string, definitions: readonly DefinitionInfo[]): DefinitionInfo | undefined {
  const id = withoutNode(address).replace(/^([^.:]*)\.[^:]*/, "$1");
  return definitions.find((definition) => definition.id === id);
}

function noBody(address: string, definitions: readonly DefinitionInfo[]): UsageError {
  const definition = definitionAt(address, definitions);
  const tags = definition?.handlers.map(({ tag, parameters }) => `${tag}(${parameters.join(", ")})`) ?? [];
  return new UsageError(
    `Cannot call ${address} as the body is missing, which names the handler`,
    tags.length === 0 ? undefined : `its handlers: ${tags.join(", ")}`,
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
  return `call it over HTTP: ${method} ${url}`;
}

function tagOf(message: unknown): string {
  return typeof message === "string" ? message : Object.keys(message ?? {})[0] ?? "";
}
