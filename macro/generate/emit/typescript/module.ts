/** Emits the TypeScript module of a process: its contract, its messages and its stub. */
import * as codec from "../../../codec/mod.ts";
import { CONTRACT_FORMAT } from "../../../declare/contract.ts";
import type { Emitter } from "../../emitter.ts";
import { moduleHeader } from "../../freshness/generated_file.ts";
import type { ProcessModel } from "../../model.ts";
import { constantName, generatedFolder, importPath, moduleName, schemaName } from "../../naming.ts";
import { Conversions } from "./conversions.ts";
import { handlerLines } from "./handler_contract.ts";
import { messageLines } from "./messages.ts";
import { ModuleNames } from "./module_names.ts";
import { mergeEqualBodies } from "./equal_bodies.ts";
import { stateLines } from "./state_contract.ts";
import { stubLines } from "./stub.ts";

export const emitModule: Emitter<ProcessModel> = (model) => {
  const folder = generatedFolder(model.source);
  return [{ path: `${folder}/${moduleName(model.className)}`, text: moduleText(model, folder) }];
};

function moduleText(model: ProcessModel, folder: string): string {
  const names = new ModuleNames(folder, Object.keys(codec));
  const conversions = new Conversions(names, new Map(model.types.map((type) => [type.name, type])));
  const constants = new Map(
    model.handlers.map(({ tag, method }) => [tag, names.claim(constantName(method))]),
  );
  const messages = messageLines(conversions, model.handlers);
  const state = stateLines(conversions, model);
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
    `  digest: ${JSON.stringify(model.digest)},`,
    "  state,",
    model.handlers.length === 0
      ? "  handlers: {},"
      : `  handlers: { ${model.handlers.map(({ tag }) => `${tag}: ${constants.get(tag)}`).join(", ")} },`,
    "  async schema() {",
    `    const { default: schema } = await import("./${
      schemaName(model.className)
    }", { with: { type: "json" } });`,
    `    return schema as unknown as ${names.macro("ProcessSchema")};`,
    "  },",
    "};",
    "",
  ];
  const stub = stubLines(conversions, model, constants);
  const uses = [...state, ...handlers];
  const functions = mergeEqualBodies(conversions.functions, conversions.pairs, uses)
    .flatMap((lines) => [...lines, ""]);
  return [
    moduleHeader("gen", importPath(folder, model.source)),
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
