import type { Recipe } from "./pack_file.ts";

/** One carrier to be compiled. */
export interface Job {
  /** Of the pack; absolute. */
  readonly folder: string;
  /** Where everything that is made goes; absolute. */
  readonly target: string;
  readonly recipe: Recipe;
  /** The file to make; absolute. */
  readonly output: string;
}

/** The file that was made, or which compiler is missing. */
export type Outcome = { readonly output: string } | { readonly missing: string };
