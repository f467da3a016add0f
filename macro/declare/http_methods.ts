/** The HTTP methods a handler can answer. */
export const HTTP_METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"] as const;
export type HttpMethod = typeof HTTP_METHODS[number];

/** Methods whose requests have no body for a tag or arguments. A `DELETE` request may have one. */
export const BODILESS_METHODS: ReadonlySet<string> = new Set<HttpMethod>(["GET", "HEAD", "OPTIONS"]);
