// How a node comes by a subnet: by its public address, by its file, by the dice; and what it does
// when others are faster, older, or wrote nonsense.
import assert from "node:assert/strict";
import { test } from "node:test";
import { Ground } from "./managed.ts";

test("a first node gets a key, a value and a lease of 24 hours, to the byte", async () => {
  const ground = await Ground.open();
  const lease = await ground.acquire(1);
  const name = lease.subnet.replace("/", "-");
  const entry = await ground.entry(name);
  assert.equal(
    entry?.value,
    '{"PublicIP":"192.168.0.1","PublicIPv6":null,"BackendType":"vxlan",' +
      '"BackendData":{"VNI":1,"VtepMAC":"02:00:00:00:00:01"}}',
  );
  assert.equal(await ground.store.leaseTtl(lease.leaseId ?? ""), 86_400);
  assert.equal(lease.modRevision, entry?.modRevision);
  assert.equal(lease.key, `/coreos.com/network/subnets/${name}`);
});
