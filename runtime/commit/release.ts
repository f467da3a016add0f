/**
 * What leaves the node because of a handler, except its reply: described as data, and sent by the output
 * gate when the commits that it depends on are durable (G3).
 */
export type Release =
  | {
    readonly kind: "push";
    readonly process: string;
    readonly channel: number;
    readonly data: string | Uint8Array;
  }
  | {
    readonly kind: "broadcast";
    readonly process: string;
    /** Of one endpoint; undefined for all of the process's channels. */
    readonly path: string | undefined;
    readonly data: string | Uint8Array;
  }
  | {
    readonly kind: "close";
    readonly process: string;
    readonly channel: number;
    readonly code: number | undefined;
    readonly reason: string | undefined;
  };

/** Carries releases out. The node's sockets are the one there is. */
export interface Releaser {
  release(release: Release): void;
}
