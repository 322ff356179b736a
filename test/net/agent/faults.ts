// What an agent must survive, each as something to do to a world that is well: it breaks one thing
// and looks at what becomes of it. Nothing here sleeps for as long as something may take.

import { deviceFaults } from "./faults-device.ts";
import { leaseFaults } from "./faults-lease.ts";
import { processFaults } from "./faults-process.ts";
import { storeFaults } from "./faults-store.ts";
import type { World } from "./world.ts";

export interface Fault {
  readonly name: string;
  /** Throws what is not as it has to be. */
  run(world: World): Promise<void>;
}

export const FAULTS: readonly Fault[] = [
  ...storeFaults,
  ...leaseFaults,
  ...processFaults,
  ...deviceFaults,
];
