/** What is sent to a server, for how long, and the result. */

export interface Load {
  /** A `*` is replaced by the number of the process, from 1. */
  readonly path: string;
  readonly body: string;
  /** A body that changes nothing and is answered with the process's count. */
  readonly probe: string;
  readonly connections: number;
  /** How many processes the requests rotate over. */
  readonly ids: number;
}

/** Either a duration, or a number of requests, each to a new process. */
export type Extent = { readonly seconds: number } | { readonly requests: number };

export interface LoadResult {
  readonly requests: number;
  readonly seconds: number;
  readonly failed: number;
  /** Latency percentiles; not measured when the extent is a number of requests. */
  readonly p50Ms?: number;
  readonly p99Ms?: number;
}
