/** The ways to a handler: HTTP, calls from processes of the same node, calls from other nodes. */
export type Transport = "http" | "local" | "remote";
