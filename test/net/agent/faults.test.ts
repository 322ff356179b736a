// Each fault once, on one world. `npm run faults` runs each ten times in a row.
import { after, test } from "node:test";
import { need } from "../../need.ts";
import { FAULTS } from "./faults.ts";
import { World } from "./world.ts";

const needs = need("root", "tun", "ip", "ping", "etcd", "iptables");
let world: World | null = null;
after(() => world?.close());

for (const { name, run } of FAULTS) {
  test(name, needs, async () => {
    world ??= await World.open("faults");
    try {
      await world.settle();
      await run(world);
    } catch (error) {
      const broken = world;
      world = null; // the next one is not to suffer from it
      await broken.close();
      throw error;
    }
  });
}
