// What the kernel says to a route that cannot be, and the core.
import assert from "node:assert/strict";
import { HeddleError, openCore, RouteAt, Status } from "../../../bindings/core/index.ts";
import { inOrder, type RouteRow } from "./rows.ts";

const core = await openCore({ memoryBytes: 1 << 20 });
const node = core.openNode({ seed: 1n, slots: 0, routes: 8, hops: 2, fdb: 0, neighbors: 0 });
const hop = node.hops.set({ kind: "blackhole" });
const record = node.takeScratch(RouteAt.End);

/** What the core answers to a route that the bindings would not let through. */
function statusOf(address: readonly number[], len: number): number {
  node.bytes.fill(0, record, record + RouteAt.End);
  node.view.setUint16(record + RouteAt.Family, 4, true);
  node.view.setUint16(record + RouteAt.Len, len, true);
  node.bytes.set(address, record + RouteAt.Address);
  node.view.setUint32(record + RouteAt.Hop, hop, true);
  node.exports.route_set(node.address, record, 1);
  return node.view.getInt16(record + RouteAt.Status, true);
}

const tests: Readonly<Record<RouteRow, () => void>> = {
  "unaligned prefix refused": () => {
    for (let len = 0; len < 32; len++) {
      const bit = 31 - len; // the first that is not the prefix's
      const address = new Uint8Array(4);
      address[3 - (bit >> 3)] = 1 << (bit & 7);
      assert.equal(statusOf([...address], len), Status.BadArgument, `/${len}`);
      assert.equal(statusOf([...address], len + 1), Status.Ok, `/${len + 1}`);
      node.routes.remove([{ prefix: `${address.join(".")}/${len + 1}` }]);
    }
    const prefix = "10.1.2.3/24";
    assert.throws(
      () => node.routes.set([{ prefix, hop }]),
      (error) => {
        return error instanceof HeddleError && error.code === "BadPrefix";
      },
    );
  },

  "duplicate: EEXIST": () => {
    const route = { prefix: "10.1.2.0/24", hop, flags: ["createOnly"] } as const;
    node.routes.set([route]);
    assert.throws(() => node.routes.set([route]), /Exists/);
    node.routes.set([{ prefix: route.prefix, hop }]); // as `ip route replace` does
  },
};

inOrder("routes", tests);
