/** What is sent to a server, how much of it, and how that went. */

export interface Load {
  /** A `*` in it stands for the process's number, from 1. */
  readonly path: string;
  readonly body: string;
  /** A body that changes nothing and is answered with the process's count. */
  readonly probe: string;
  readonly connections: number;
  /** How many processes the requests go round over. */
  readonly ids: number;
}

/** Either for a time, or so many requests to a new process each. */
export type Extent = { readonly seconds: number } | { readonly requests: number };

export interface LoadResult {
  readonly requests: number;
  readonly seconds: number;
  readonly failed: number;
  /** Latency percentiles; not measured when the extent is a number of requests. */
  readonly p50Ms?: number;
  readonly p99Ms?: number;
}
