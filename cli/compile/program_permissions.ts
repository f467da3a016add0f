/**
 * What a compiled program may do: what its node needs and its apps declare, as flags of Deno. Where the
 * program is and where its data are is known when it starts; the launcher's variables stand for that.
 */
import type { PackRequest } from "@denizen/runtime";
import type { App } from "../launch/app_config.ts";
import { combinedPermissions, type PermissionSet } from "../launch/permissions.ts";

/** Variables of `launcher.sh`. */
const VARIABLES = ["home", "data", "packs", "libraries", "runtime", "host", "port"] as const;
type Variable = typeof VARIABLES[number];

/** Stands for a variable in a permission; no path or host has such a character. */
const MARK = "\u0001";

function variable(name: Variable): string {
  return `${MARK}${name}${MARK}`;
}

/**
 * Paths that a `deno.json` names are those beside it where it is written, and those beside the program's
 * start where it runs.
 */
const AS_WRITTEN = (item: string) => item;

/** As words of a shell script. `server` is the URL of the KV server that has the data, if one has. */
export function launcherFlags(
  apps: readonly App[],
  packs: readonly PackRequest[],
  server: string | undefined,
): string {
  const set = combinedPermissions(apps, {
    read: [variable("home"), variable("data"), variable("packs")],
    write: [variable("data")],
    server,
    listen: `${variable("host")}:${variable("port")}`,
    packs,
    packCache: variable("libraries"),
    deno: variable("runtime"),
    locate: AS_WRITTEN,
  });
  return flagsOf(set).map(shellWord).join(" \\\n  ");
}

/**
 * For `deno compile`, which bakes them in: the port and the place of packs are not known yet, so any port of
 * the host and every file may be used, but data only where they are to be.
 */
export function compileFlags(
  apps: readonly App[],
  packs: readonly PackRequest[],
  { host, data, server }: {
    readonly host: string;
    readonly data: string | undefined;
    readonly server: string | undefined;
  },
): string[] {
  const set = combinedPermissions(apps, {
    read: [],
    write: data === undefined ? [] : [data],
    server,
    listen: host,
    packs,
    packCache: data === undefined ? "" : `${data}/packs`,
    deno: "",
    locate: AS_WRITTEN,
  });
  // There is no Deno to start for an isolated pack.
  const { run, ...others } = set;
  const declared = run?.allow === true ? true : run?.allow?.filter((program) => program !== "");
  return flagsOf({
    ...others,
    read: { ...others.read, allow: true },
    ...declared && { run: { ...run, allow: declared } },
  });
}

const FLAGS = { allow: "--allow", deny: "--deny", ignore: "--ignore" } as const;

function flagsOf(set: PermissionSet): string[] {
  const flags: string[] = [];
  for (const [kind, rule] of Object.entries(set)) {
    for (const [verdict, value] of Object.entries(rule)) {
      const flag = `${FLAGS[verdict as keyof typeof FLAGS]}-${kind}`;
      const list = value === true ? [] : value.map((item) => item.replaceAll(",", ",,"));
      if (value === true) flags.push(flag);
      else if (list.length > 0) flags.push(`${flag}=${list.join(",")}`);
    }
  }
  return flags;
}

/** In double quotes, so that nothing but the launcher's own variables means anything to the shell. */
function shellWord(flag: string): string {
  const escaped = flag.replace(/[\\"$`]/g, "\\$&");
  return `"${
    escaped.replaceAll(new RegExp(`${MARK}(\\w+)${MARK}`, "g"), (_, name: string) => `$\{${name}}`)
  }"`;
}
