/**
 * The permissions of the node's process: listen on its port, read its apps, read and write its data, and
 * those that the apps declare in their `deno.json`:
 *
 * ```json
 * { "denizen": { "permissions": { "net": ["api.example.com"], "read": ["./templates"] } } }
 * ```
 *
 * They have the form of Deno's permission sets; paths are relative to the `deno.json`.
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
 * Libraries read these when they load but do not need them: without a permission they are unset instead of an
 * error.
 */
const ENV_IGNORED = ["NODE_ENV", "DEBUG", "CI", "TERM", "COLORTERM", "NO_COLOR", "FORCE_COLOR"];

interface NodeLocation {
  readonly hostname: string;
  readonly port: number;
  /** The absolute path of the data folder, `:memory:`, or the URL of a Deno KV server. */
  readonly data: string;
  /** The folders of this installation that apps import from. */
  readonly installation: readonly string[];
  readonly packs: readonly PackRequest[];
  /** The folder that native libraries are opened from. */
  readonly packCache: string;
}

/** The permissions of a node that hosts `apps`. */
export function permissionsOf(apps: readonly App[], location: NodeLocation): PermissionSet {
  const data = isFolder(location.data) ? [location.data] : [];
  return combinedPermissions(apps, {
    read: [
      ...apps.map(({ root }) => root),
      ...location.installation,
      ...data,
      ...location.packs.map(({ path }) => path),
    ],
    write: data,
    server: isKvServer(location.data) ? location.data : undefined,
    listen: `${hostInAddress(location.hostname)}:${location.port}`,
    packs: location.packs,
    packCache: location.packCache,
    deno: Deno.execPath(),
    locate: (item, folder) => path.resolve(folder, item),
  });
}

/** A host as it is written before a port: IPv6 addresses in brackets. */
export function hostInAddress(hostname: string): string {
  return hostname.includes(":") ? `[${hostname}]` : hostname;
}

/** The host and port of a URL, as in a permission. */
function hostOf(url: string): string {
  const { protocol, hostname, port } = new URL(url);
  return `${hostname}:${port || (protocol === "https:" ? 443 : 80)}`;
}

/** The permissions that a node needs itself, in `run` and in compiled programs. */
interface NodeNeeds {
  readonly read: readonly string[];
  readonly write: readonly string[];
  /** The URL of the KV server that has the data, if one has. */
  readonly server: string | undefined;
  readonly listen: string;
  readonly packs: readonly PackRequest[];
  readonly packCache: string;
  /** The program that runs isolated packs. */
  readonly deno: string;
  /** Resolves a path in the `deno.json` in `folder`. */
  locate(item: string, folder: string): string;
}

/** The permissions that a node needs and those that its apps declare. */
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

/** Adds the permissions that native code of packs needs, if an app allows native code. */
function addNative(set: PermissionSet, { packs, packCache, deno }: NodeNeeds): void {
  const native = packs.filter(({ native, mode }) => native && mode !== "wasm");
  if (native.length === 0) return;
  for (const kind of ["read", "write"] as const) add(set, kind, "allow", [packCache]);
  // Pointers and callbacks need unrestricted permission for FFI in Deno.
  add(set, "ffi", "allow", true);
  if (native.some(mayBeIsolated)) add(set, "run", "allow", [deno]);
}

/**
 * Packs run in a process of their own if their settings say so, and if they are neither trusted nor signed.
 */
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
    return fail(`it is not an object: ${JSON.stringify(declared)}`);
  }
  for (const [kind, rule] of Object.entries(declared)) {
    if (!isKind(kind)) return fail(`there is no such permission: "${kind}" is none of ${KINDS.join(", ")}`);
    const verdicts = typeof rule === "object" && rule !== null && !Array.isArray(rule)
      ? rule
      : { allow: rule };
    for (const [verdict, value] of Object.entries(verdicts)) {
      if (!isVerdict(verdict)) return fail(`"${kind}" may have only allow, deny and ignore: "${verdict}"`);
      const list = Array.isArray(value) &&
        value.every((item): item is string => typeof item === "string" && item !== "");
      if (typeof value !== "boolean" && !list) {
        return fail(`"${kind}" must be true, false or a list of strings: ${JSON.stringify(value)}`);
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
