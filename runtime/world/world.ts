/** Everything that comes into a node from outside (G11), as one thing that a node is started with. */
import { type Clock, systemClock } from "./clock.ts";
import { denoNetwork } from "./deno_network.ts";
import { denoDisk } from "./deno_disk.ts";
import type { Disk } from "./disk.ts";
import type { Network } from "./network.ts";

export interface World {
  readonly clock: Clock;
  readonly network: Network;
  readonly disk: Disk;
}

/** The machine that the program runs on. */
export const machine: World = { clock: systemClock, network: denoNetwork, disk: denoDisk };
