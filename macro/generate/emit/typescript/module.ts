/** Writes the TypeScript module of one process. */
import { CONTRACT_FORMAT } from "../../../declare/contract.ts";
import { MODULE_HEADER } from "../../freshness/generated_file.ts";
import type { ProcessModel } from "../../model.ts";
import { constantName, generatedFolder, importPath } from "../../naming.ts";
import { Conversions } from "./conversions.ts";
import { handlerLines } from "./handler_contract.ts";
import { messageLines } from "./messages.ts";
import { ModuleNames } from "./module_names.ts";
import { stateLines } from "./state_contract.ts";
import { stubLines } from "./stub.ts";

/**
 * The text of a process's generated module.
 *
 * @param digest of the sources, in hex.
 * @param codec the names `@denizen/macro/codec` exports.
 */
export function moduleText(model: ProcessModel, digest: string, codec: Iterable<string>): string {
  const folder = generatedFolder(model.source);
  const names = new ModuleNames(folder, codec);
  const conversions = new Conversions(names, new Map(model.types.map((type) => [type.name, type])));
  const constants = new Map(
    model.handlers.map(({ tag, method }) => [tag, names.claim(constantName(method))]),
  );
  const messages = messageLines(conversions, model.handlers);
  const state = stateLines(conversions, model.state, model.className);
  const handlers = model.handlers.flatMap((handler) => [
    ...handlerLines(conversions, handler, constants.get(handler.tag)!),
    "",
  ]);
  const contract = [
    `/** What the runtime knows of ${model.className} beyond its code. */`,
    `export const contract: ${names.macro("Contract")} = {`,
    `  format: ${CONTRACT_FORMAT},`,
    `  id: ${JSON.stringify(model.id)},`,
    `  className: ${JSON.stringify(model.className)},`,
    `  digest: ${JSON.stringify(digest)},`,
    "  state,",
    model.handlers.length === 0
      ? "  handlers: {},"
      : `  handlers: { ${model.handlers.map(({ tag }) => `${tag}: ${constants.get(tag)}`).join(", ")} },`,
    "};",
    "",
  ];
  const stub = stubLines(conversions, model, constants);
  const functions = conversions.functions.flatMap((lines) => [...lines, ""]);
  return [
    MODULE_HEADER +
    ` from ${importPath(folder, model.source)}. Do not edit: change that file and run it again.`,
    ...names.imports(),
    "",
    ...messages,
    "",
    ...functions,
    ...state,
    "",
    ...handlers,
    ...contract,
    ...stub.length === 0 ? [] : [...stub, ""],
  ].join("\n");
}
