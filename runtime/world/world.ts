/** Everything that comes into a node from outside (G11), as one thing that a node is started with. */
import { type Clock, systemClock } from "./clock.ts";
import { denoNetwork } from "./deno_network.ts";
import type { Network } from "./network.ts";

export interface World {
  readonly clock: Clock;
  readonly network: Network;
}

/** The machine that the program runs on. */
export const machine: World = { clock: systemClock, network: denoNetwork };
