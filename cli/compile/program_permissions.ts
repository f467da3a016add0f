/**
 * The permissions of a compiled program, as flags of Deno. The folders of the program and of its data are
 * known only when it starts; until then, variables of the launcher represent them.
 */
import type { PackRequest } from "@denizen/runtime";
import type { App } from "../launch/app_config.ts";
import { combinedPermissions, type PermissionSet } from "../launch/permissions.ts";

/** Variables of `launcher.sh`. */
const VARIABLES = ["home", "data", "packs", "libraries", "runtime", "host", "port"] as const;
type Variable = typeof VARIABLES[number];

/** Marks a variable in a permission; no path or host contains this character. */
const MARK = "\u0001";

function variable(name: Variable): string {
  return `${MARK}${name}${MARK}`;
}

/** Relative paths in a `deno.json` are relative to the working directory of the compiled program. */
const AS_WRITTEN = (item: string) => item;

/**
 * For the launcher: words of a shell script.
 *
 * @param server the URL of the KV server that stores the data, if it is not stored in a folder.
 */
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
 * For `deno compile`, which makes them part of the executable. The port and the folder of packs are not known
 * yet, so the program may listen on any port of the host and read every file; it may write only its data
 * folder.
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
  // The executable contains no `deno` that could run isolated packs.
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

/** Quotes a flag so that the shell expands only the variables of the launcher. */
function shellWord(flag: string): string {
  const escaped = flag.replace(/[\\"$`]/g, "\\$&");
  return `"${
    escaped.replaceAll(new RegExp(`${MARK}(\\w+)${MARK}`, "g"), (_, name: string) => `$\{${name}}`)
  }"`;
}
