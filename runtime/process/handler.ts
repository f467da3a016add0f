/** One handler of a definition, as the runtime knows it. */
import type { HandlerContract, HttpMethod, SavePolicy, Transport } from "@denizen/macro";

export interface Handler {
  readonly tag: string;
  readonly method: string;
  readonly save: SavePolicy;
  readonly takesContext: boolean;
  readonly transports: ReadonlySet<Transport>;
  /** Absent for `@init` and `@ws`, whose arguments the runtime makes itself. */
  readonly contract?: HandlerContract;
  readonly route?: { readonly method: HttpMethod; readonly path: string };
  /** The only HTTP method its tag answers to. */
  readonly httpMethod?: HttpMethod;
}
