/**
 * What the node's process may do: take its port, read its apps, keep its data, and what the apps declare in
 * their `deno.json`:
 *
 * ```json
 * { "denizen": { "permissions": { "net": ["api.example.com"], "read": ["./templates"] } } }
 * ```
 *
 * The form is that of Deno's own permission sets; paths are relative to the file they stand in.
 */
import type { PackRequest } from "@denizen/runtime";
import { isKvServer } from "@denizen/runtime/storage";
import * as path from "node:path";
import type { App, AppConfig } from "./app_config.ts";
import { ExplainedError } from "../terminal/failure.ts";
import { isFolder } from "./serve_options.ts";

const KINDS = ["read", "write", "net", "env", "sys", "run", "ffi", "import"] as const;
type Kind = typeof KINDS[number];
const VERDICTS = ["allow", "deny", "ignore"] as const;
type Verdict = typeof VERDICTS[number];
type Rule = { [V in Verdict]?: true | string[] };
/** A permission set as Deno reads it. */
export type PermissionSet = { [K in Kind]?: Rule };

/**
 * Libraries look at these when they load and do without; an undeclared one reads as not set instead of
 * failing.
 */
const ENV_IGNORED = ["NODE_ENV", "DEBUG", "CI", "TERM", "COLORTERM", "NO_COLOR", "FORCE_COLOR"];

export interface NodePlace {
  readonly hostname: string;
  readonly port: number;
  /** The absolute path of the data folder, `:memory:`, or the URL of a Deno KV server. */
  readonly data: string;
  /** Folders of this installation that apps import from. */
  readonly installation: readonly string[];
  readonly packs: readonly PackRequest[];
  /** Native libraries are opened from here. */
  readonly packCache: string;
}

/** The permissions of a node that hosts `apps`. */
export function permissionsOf(apps: readonly App[], place: NodePlace): PermissionSet {
  const data = isFolder(place.data) ? [place.data] : [];
  return combinedPermissions(apps, {
    read: [
      ...apps.map(({ root }) => root),
      ...place.installation,
      ...data,
      ...place.packs.map(({ path }) => path),
    ],
    write: data,
    server: isKvServer(place.data) ? place.data : undefined,
    listen: `${hostInAddress(place.hostname)}:${place.port}`,
    packs: place.packs,
    packCache: place.packCache,
    deno: Deno.execPath(),
    locate: (item, folder) => path.resolve(folder, item),
  });
}

/** As it stands before a port. */
export function hostInAddress(hostname: string): string {
  return hostname.includes(":") ? `[${hostname}]` : hostname;
}

/** Host and port of a URL, as in a permission. */
function hostOf(url: string): string {
  const { protocol, hostname, port } = new URL(url);
  return `${hostname}:${port || (protocol === "https:" ? 443 : 80)}`;
}

/** What a node needs of itself, wherever it is. */
export interface NodeNeeds {
  readonly read: readonly string[];
  readonly write: readonly string[];
  /** The URL of the KV server that has the data, if one has. */
  readonly server: string | undefined;
  readonly listen: string;
  readonly packs: readonly PackRequest[];
  readonly packCache: string;
  /** The program that serves isolated packs. */
  readonly deno: string;
  /** Where a path leads that the `deno.json` in `folder` names. */
  locate(item: string, folder: string): string;
}

/** What a node needs, and what its apps declare. */
export function combinedPermissions(apps: readonly App[], needs: NodeNeeds): PermissionSet {
  const set: PermissionSet = {};
  add(set, "read", "allow", needs.read);
  add(set, "write", "allow", needs.write);
  add(set, "net", "allow", [needs.listen]);
  if (needs.server !== undefined) {
    add(set, "net", "allow", [hostOf(needs.server)]);
    add(set, "env", "allow", ["DENO_KV_ACCESS_TOKEN"]);
  }
  addNative(set, needs);
  const declaring = new Map(apps.flatMap(({ configs }) => {
    const config = configs.find(({ denizen }) => denizen !== undefined);
    return config ? [[config.file, config] as const] : [];
  }));
  for (const config of declaring.values()) addDeclared(set, config, needs.locate);
  const { env } = set;
  const allowed = env?.allow ?? [];
  if (allowed !== true) add(set, "env", "ignore", ENV_IGNORED.filter((name) => !allowed.includes(name)));
  return set;
}

/** What native code of packs needs, where an app allows it. */
function addNative(set: PermissionSet, { packs, packCache, deno }: NodeNeeds): void {
  const native = packs.filter(({ native, mode }) => native && mode !== "wasm");
  if (native.length === 0) return;
  for (const kind of ["read", "write"] as const) add(set, kind, "allow", [packCache]);
  // Deno gives pointers and callbacks only to who may open any library.
  add(set, "ffi", "allow", true);
  if (native.some(mayBeIsolated)) add(set, "run", "allow", [deno]);
}

/** A process of its own is for what is asked to have one, and for what this program should not trust. */
function mayBeIsolated({ mode = "auto", trusted, key, timeLimitMs }: PackRequest): boolean {
  return mode === "isolated" || mode === "auto" && (!(trusted || key) || timeLimitMs !== undefined);
}

function addDeclared(set: PermissionSet, config: AppConfig, locate: NodeNeeds["locate"]): void {
  const declared = config.denizen?.permissions ?? {};
  const fail = (reason: string): never => {
    throw new ExplainedError({
      code: "bad_option",
      message: `Cannot use "denizen.permissions" of ${config.file} as ${reason}`,
      hint:
        'write { "net": ["api.example.com:443"], "read": ["./templates"], "env": true }, as in a permission set of Deno',
    });
  };
  if (typeof declared !== "object" || declared === null || Array.isArray(declared)) {
    return fail(`it is no object: ${JSON.stringify(declared)}`);
  }
  for (const [kind, rule] of Object.entries(declared)) {
    if (!isKind(kind)) return fail(`there is no such permission, but ${KINDS.join(", ")}: "${kind}"`);
    const verdicts = typeof rule === "object" && rule !== null && !Array.isArray(rule)
      ? rule
      : { allow: rule };
    for (const [verdict, value] of Object.entries(verdicts)) {
      if (!isVerdict(verdict)) return fail(`"${kind}" has allow, deny and ignore only: "${verdict}"`);
      const list = Array.isArray(value) &&
        value.every((item): item is string => typeof item === "string" && item !== "");
      if (typeof value !== "boolean" && !list) {
        return fail(`"${kind}" is neither true, false nor a list of texts: ${JSON.stringify(value)}`);
      }
      if (value === false) continue;
      add(
        set,
        kind,
        verdict,
        value === true ||
          value.map((item: string) => isPath(kind, item) ? locate(item, config.folder) : item),
      );
    }
  }
}

function isKind(text: string): text is Kind {
  return KINDS.some((kind) => kind === text);
}

function isVerdict(text: string): text is Verdict {
  return VERDICTS.some((verdict) => verdict === text);
}

function isPath(kind: Kind, item: string): boolean {
  return kind === "read" || kind === "write" || kind === "ffi" || (kind === "run" && /[\\/]/.test(item));
}

function add(set: PermissionSet, kind: Kind, verdict: Verdict, more: true | readonly string[]): void {
  const rule = set[kind] ??= {};
  const before = rule[verdict] ?? [];
  if (before === true || more === true) rule[verdict] = true;
  else if (before.length + more.length > 0) rule[verdict] = [...new Set([...before, ...more])];
}
