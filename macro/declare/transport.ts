/** How a message reaches a handler: from an HTTP client, from a process of this node, or of another one. */
export type Transport = "http" | "local" | "remote";
