/** Numbers of the WebAssembly binary format that more than one rewriting needs. */

export const SECTION = {
  custom: 0,
  type: 1,
  import: 2,
  table: 4,
  memory: 5,
  global: 6,
  export: 7,
  start: 8,
  element: 9,
  code: 10,
} as const;

/** The required order of sections; `tag` (13) and `data count` (12) are out of numerical order. */
export const SECTION_ORDER = [1, 2, 3, 4, 5, 13, 6, 7, 8, 9, 12, 10, 11];

/** Kinds of imports and exports. */
export const EXTERNAL = { function: 0, table: 1, memory: 2, global: 3 } as const;

export const TYPE = {
  i32: 0x7f,
  i64: 0x7e,
  f32: 0x7d,
  f64: 0x7c,
  v128: 0x7b,
  functionReference: 0x70,
  externalReference: 0x6f,
  function: 0x60,
  /** The type of a block without parameters and results. */
  emptyBlock: 0x40,
} as const;

export const REFERENCE_TYPES: readonly number[] = [TYPE.functionReference, TYPE.externalReference];
/** Types of values whose memory is not on the engine's heap. */
export const VALUE_TYPES: readonly number[] = [
  TYPE.i32,
  TYPE.i64,
  TYPE.f32,
  TYPE.f64,
  TYPE.v128,
  ...REFERENCE_TYPES,
];

/** Flags of the limits of a table or memory. */
export const LIMITS = { hasMaximum: 1, shared: 2, is64: 4 } as const;
/** The flag of a global that may be set. */
export const MUTABLE = 1;
