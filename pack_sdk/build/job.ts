import type { Recipe } from "./pack_file.ts";

/** One carrier to be compiled. */
export interface Job {
  /** Of the pack; absolute. */
  readonly folder: string;
  /** The folder of all output; absolute. */
  readonly target: string;
  readonly recipe: Recipe;
  /** The output file; absolute. */
  readonly output: string;
}

/** The output file, or the missing compiler. */
export type Outcome = { readonly output: string } | { readonly missing: string };
