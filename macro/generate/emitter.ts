/** What turns a model into files: one target each, such as the TypeScript module of a process. */

/** A file as it is to be written. */
interface EmittedFile {
  /** Absolute. */
  readonly path: string;
  readonly text: string;
}

/** Depends on the model alone: the same model gives the same bytes. */
export type Emitter<Model> = (
  model: Model,
) => readonly EmittedFile[] | Promise<readonly EmittedFile[]>;
