/** Reads the description of a pack: names for its templates, and safe types for their ports. */
import type { PackDescription, PackModel, PortModel, TemplateDescription } from "../pack_model.ts";
import { templateNames } from "../template_names.ts";
import { type Direction, PortTypeReader } from "./port_type.ts";

/** The model, and the types that were refused, for display: those ports are `unknown`. */
export function readPack(
  pack: string,
  folder: string,
  description: PackDescription,
): { readonly model: PackModel; readonly refused: readonly string[] } {
  const reader = new PortTypeReader();
  const refused: string[] = [];
  const names = templateNames(description.name, description.templates.map(({ name }) => name));
  const templates = description.templates.map((template, at) => {
    const { inports, outports, types } = template;
    const port = (name: string, key: string, direction: Direction): PortModel => {
      const text = Object.hasOwn(types, key) ? types[key] : undefined;
      const type = text === undefined ? undefined : reader.read(text, direction);
      if (text !== undefined && type === undefined) refused.push(`${template.name} ${key}: ${text}`);
      // A port without a type may be required or not; it can be omitted, so that both work.
      return { name, type: type?.text ?? "unknown", optional: type?.optional ?? true };
    };
    return {
      constant: names[at]!,
      description: template,
      in: inports.map((name) => port(name, name, "in")),
      out: outports.map((name) => port(name, inports.includes(name) ? `out.${name}` : name, "out")),
      config: configKeys(template).map((key) => port(key.slice("config.".length), key, "in")),
    };
  });
  return { model: { pack, folder, description, templates }, refused };
}

function configKeys({ types }: TemplateDescription): string[] {
  return Object.keys(types).filter((key) => key.startsWith("config.")).sort();
}
