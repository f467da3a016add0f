/** Values of packs as text. Strings that come from a pack are printed without unprintable characters only. */
import type { TemplateDescription } from "@denizen/pack-sdk";
import { withoutUnprintable } from "@denizen/runtime";

/** `512 B`, `12.5 KiB`, `3.1 MiB`. */
export function shownSize(bytes: number): string {
  if (bytes < 1024) return `${bytes} B`;
  const [size, unit] = bytes < 1024 * 1024 ? [bytes / 1024, "KiB"] : [bytes / (1024 * 1024), "MiB"];
  return `${size.toFixed(1)} ${unit}`;
}

export function counted(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? "" : "s"}`;
}

/** The ports of a template as lines: `in      step?: number`. */
export function portLines({ inports, outports, types }: TemplateDescription): string[] {
  const typed = (name: string, key: string) => {
    const type = Object.hasOwn(types, key) ? types[key]! : "unknown";
    const bare = type.replace(/ \| undefined$/, "");
    return withoutUnprintable(`${name}${bare === type ? "" : "?"}: ${bare}`);
  };
  const keyOf = (port: string) => inports.includes(port) ? `out.${port}` : port;
  const configs = Object.keys(types).filter((key) => key.startsWith("config."));
  const rows: [string, string[]][] = [
    ["in", inports.map((port) => typed(port, port))],
    ["out", outports.map((port) => typed(port, keyOf(port)))],
    ["config", configs.map((key) => typed(key.slice("config.".length), key))],
  ];
  return rows.filter(([, ports]) => ports.length > 0).map(([label, ports]) =>
    `${label.padEnd(6)}  ${ports.join(", ")}`
  );
}
