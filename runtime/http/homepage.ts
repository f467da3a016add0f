/** The page at `/`: the processes of a node, and their URLs. */
import { html } from "hono/html";
import type { DefinitionInfo } from "./node_info.ts";

type Markup = ReturnType<typeof html>;
type HandlerInfo = DefinitionInfo["handlers"][number];

/** Only paths that answer a browser's `GET` are links. */
export function homepage(name: string, definitions: readonly DefinitionInfo[]): Markup {
  const count = definitions.length === 1 ? "One process is" : `${definitions.length} processes are`;
  return html`<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <title>Denizen · ${name}</title>
    <style>
      :root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif; }
      body { max-width: 46rem; margin: 3rem auto; padding: 0 1rem; overflow-wrap: anywhere; }
      h1 { font-size: 1.5rem; margin: 0; }
      h2 { font-size: 1.1rem; margin: 2rem 0 .3rem; }
      ul { margin: 0; padding-left: 1.2rem; }
      code { font-size: .9rem; }
      small, p { opacity: .75; }
    </style>
  </head>
  <body>
    <h1>Node ${name}</h1>
    <p>${count} hosted on this node.</p>
    ${definitions.map(section)}
  </body>
</html>`;
}

function section(definition: DefinitionInfo): Markup {
  const { id, name, keyed, ui, sockets, handlers } = definition;
  const page = ui === undefined ? "" : html`<li>${keyed ? code(ui) : link(ui)} <small>page</small></li>`;
  return html`
    <h2>${name} <small>${code(id)}</small></h2>
    <ul>
          ${page}
          ${handlers.map((handler) =>
            html`<li>${code(call(handler))} <small>${reach(definition, handler)}</small></li>`
          )}
          ${sockets.map((path) => html`<li>${code(path)} <small>WebSocket</small></li>`)}
        </ul>
  `;
}

function call({ tag, parameters }: HandlerInfo): string {
  return `${tag}(${parameters.join(", ")})`;
}

function reach({ keyed, endpoints }: DefinitionInfo, { parameters, transports, route }: HandlerInfo): Markup {
  const [method, path] = route?.split(" ") ?? ["POST", endpoints[0]];
  if (!transports.includes("http") || path === undefined) return html`other processes`;
  const plain = method === "GET" && parameters.length === 0 && !keyed &&
    !/[:*][^:]*$/.test(path.split("/").slice(2).join("/"));
  return html`${method} ${plain ? link(path) : code(path)}${
    transports.includes("local") ? ", other processes" : ""
  }`;
}

function link(path: string): Markup {
  return html`<a href="${path}">${code(path)}</a>`;
}

function code(text: string): Markup {
  return html`<code>${text}</code>`;
}
