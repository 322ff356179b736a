// The decapsulation table, asked of this machine's kernel: the same frames that the core judges in
// test/host/conformance/decap.test.ts go into Linux's own VXLAN device.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { deliveredBy, innerFrame, outerFrame, ROWS, UNDERLAY_MAC } from "../host/path/rows.ts";
import { LOCAL, OWN_MAC, UDP_PORT, VNI } from "../host/path/vtep.ts";
import { hexOf } from "../model/packet.ts";
import { need } from "../need.ts";
import { type Namespace, openNamespace } from "./namespace.ts";

const MODULE = new URL("./decap.inside.js", import.meta.url);
const rights = need("root", "tun", "ip");

// No row has this inner destination.
const MARK = { inner: { dst: "02:42:0a:01:0f:77" } };

let ns: Namespace;

before(async () => {
  if (rights.skip !== false) return;
  ns = await openNamespace("decap");
  await ns.call(MODULE, "open", "underlay0");
  await ns.sysctl("net.ipv6.conf.all.disable_ipv6", 1);
  await ns.sysctl("net.ipv6.conf.default.disable_ipv6", 1);
  await ns.sysctl("net.ipv4.conf.all.rp_filter", 0);
  await ns.sysctl("net.ipv4.conf.underlay0.rp_filter", 0);
  await ns.ip("link", "set", "underlay0", "address", UNDERLAY_MAC, "up");
  await ns.ip("address", "add", `${LOCAL}/24`, "dev", "underlay0");
  await ns.ip("route", "add", "default", "dev", "underlay0");
  const vxlan = ["id", `${VNI}`, "dstport", `${UDP_PORT}`, "local", LOCAL, "learning"];
  await ns.ip("link", "add", "name", "vx0", "address", OWN_MAC, "type", "vxlan", ...vxlan);
  await ns.ip("link", "set", "vx0", "up");
  await ns.call(MODULE, "listen", "vx0");
});
after(() => ns?.close());

for (const row of ROWS) {
  test(`Linux ${row.name}`, rights, async () => {
    const frames = [outerFrame(row.changes), outerFrame(MARK), innerFrame(MARK)];
    const delivered = await ns.call<Uint8Array[]>(MODULE, "deliver", ...frames);
    const expected = deliveredBy(row);
    assert.deepEqual(delivered.map(hexOf), expected === undefined ? [] : [hexOf(expected)]);
  });
}
