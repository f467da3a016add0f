/** Emitters turn a model into files, each for one target, such as the TypeScript module of a process. */

interface EmittedFile {
  /** Absolute. */
  readonly path: string;
  readonly text: string;
}

/** Deterministic: the same model gives the same bytes. */
export type Emitter<Model> = (
  model: Model,
) => readonly EmittedFile[] | Promise<readonly EmittedFile[]>;
