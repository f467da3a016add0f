/** Emits the model of a process as JSON data: `generated/<name>.schema.json`. */
import { CONTRACT_FORMAT } from "../../../declare/contract.ts";
import type { ProcessSchema, TypeSchema } from "../../../declare/process_schema.ts";
import type { Emitter } from "../../emitter.ts";
import { generatedNote } from "../../freshness/generated_file.ts";
import type { NamedType, ProcessModel } from "../../model.ts";
import { generatedFolder, importPath, schemaName } from "../../naming.ts";

export const emitSchema: Emitter<ProcessModel> = (model) => {
  const folder = generatedFolder(model.source);
  const schema: ProcessSchema = {
    generated: generatedNote("gen", importPath(folder, model.source)),
    format: CONTRACT_FORMAT,
    id: model.id,
    className: model.className,
    name: model.name,
    doc: model.doc,
    keyed: model.keyed,
    turns: model.turns,
    save: model.save,
    version: model.version,
    migrations: model.migrations,
    passivateAfter: model.passivateAfter,
    ui: model.ui,
    endpoints: model.endpoints,
    state: model.state,
    constants: model.constants,
    init: model.init,
    socket: model.socket,
    handlers: Object.fromEntries(model.handlers.map((handler) => [handler.tag, handler])),
    types: Object.fromEntries(model.types.map((type) => [type.name, typeSchema(type)])),
  };
  return [{ path: `${folder}/${schemaName(model.className)}`, text: JSON.stringify(schema, null, 2) + "\n" }];
};

/** Leaves out the origin, whose path is absolute. */
function typeSchema({ shape, recursive, doc }: NamedType): TypeSchema {
  return { shape, recursive, doc };
}
