import assert from "node:assert/strict";
import { test } from "node:test";
import { LeaseRules, openCore } from "../../../../bindings/core/index.ts";
import {
  acquireLease,
  acquireLeases,
  dockerOptions,
  flannelStore,
  subnetEnv,
} from "../../../../bindings/lab/control/index.ts";
import { Dice } from "../../../../bindings/lab/dice.ts";
import { drawSeed } from "../../../../fuzz/seed.ts";

const core = await openCore({ memoryBytes: 1 << 20 });
const WINDOW =
  '{"Network": "10.2.0.0/16", "SubnetLen": 24, "SubnetMin": "10.2.1.0",' +
  '"SubnetMax": "10.2.20.0", "Backend": {"Type": "vxlan"}}';

const hosts = (count: number): Record<string, string> =>
  Object.fromEntries(
    Array.from({ length: count }, (_, at) => [`host${at + 1}`, `192.168.11.${at + 1}`]),
  );

test("leases of old have an address, those of VXLAN their VTEP, and v3 a place for IPv6", () => {
  const udp = { subnet: "100.96.2.0/24", publicIp: "10.168.0.3" };
  assert.deepEqual(flannelStore({ api: "v2", leases: [udp] }), {
    api: "v2",
    entries: [
      { key: "/coreos.com/network/subnets/100.96.2.0-24", value: '{"PublicIP":"10.168.0.3"}' },
    ],
  });
  const vxlan = { subnet: "10.2.20.0/24", publicIp: "192.168.11.81", vtepMac: "3a:1b:0a:02:14:00" };
  const { entries } = flannelStore({ api: "v3", prefix: "/x", config: "{}", leases: [vxlan] });
  assert.deepEqual(entries, [
    { key: "/x/config", value: "{}" },
    {
      key: "/x/subnets/10.2.20.0-24",
      value:
        '{"PublicIP":"192.168.11.81","PublicIPv6":null,"BackendType":"vxlan",' +
        '"BackendData":{"VNI":1,"VtepMAC":"3a:1b:0a:02:14:00"}}',
    },
  ]);
  const [gateway] = flannelStore({
    api: "v3",
    leases: [{ ...udp, backendType: "host-gw" }],
  }).entries;
  assert.match(gateway?.value ?? "", /"BackendType":"host-gw"}$/);
});

test("subnet.env has the first address, and docker's options the other masquerade", () => {
  const env = subnetEnv({ network: "10.5.0.0/16", subnet: "10.5.94.0/24", mtu: 1450 });
  assert.equal(
    env,
    "FLANNEL_NETWORK=10.5.0.0/16\nFLANNEL_SUBNET=10.5.94.1/24\n" +
      "FLANNEL_MTU=1450\nFLANNEL_IPMASQ=false\n",
  );
  assert.equal(dockerOptions(env), 'DOCKER_OPTS=" --bip=10.5.94.1/24 --ip-masq=true --mtu=1450"\n');
  const other = subnetEnv({
    ...{ network: "10.5.0.0/16", subnet: "10.5.90.0/24", mtu: 1472, isMasquerading: true },
  });
  assert.match(dockerOptions(other), /--bip=10\.5\.90\.1\/24 --ip-masq=false --mtu=1472/);
});

test("twenty hosts get the twenty subnets of the window, and the next one none", (t) => {
  const seed = drawSeed();
  t.diagnostic(`seed ${seed}`);
  const leases = acquireLeases(core, WINDOW, hosts(21), new Dice(BigInt(seed)));
  const given = leases.slice(0, 20).map(({ subnet }) => subnet);
  const all = Array.from({ length: 20 }, (_, at) => `10.2.${at + 1}.0/24`);
  assert.deepEqual(new Set(given), new Set(all));
  assert.deepEqual(leases[20], { node: "host21", publicIp: "192.168.11.21", subnet: null });
  const held = leases.flatMap(({ subnet, publicIp }) => (subnet ? [{ subnet, publicIp }] : []));
  const again = acquireLease(core, WINDOW, held, "192.168.11.7", new Dice(1n));
  assert.equal(again, leases[6]?.subnet); // whoever has one keeps it
});

test("without a window the first subnet is no one's, and the lowest free ones are drawn", (t) => {
  const seed = drawSeed();
  t.diagnostic(`seed ${seed}`);
  const config = '{ "Network": "10.5.0.0/16", "Backend": {"Type": "vxlan"}}';
  const leases = acquireLeases(core, config, hosts(50), new Dice(BigInt(seed)));
  const thirds = leases.map(({ subnet }) => Number(subnet?.split(".")[2]));
  assert.equal(new Set(thirds).size, 50);
  assert.ok(thirds.every((third, at) => third >= 1 && third <= 100 + at));
  const rules = new LeaseRules(core);
  const range = { network: "10.5.0.0/16" };
  assert.ok(leases.every(({ subnet }) => rules.isCompatible(range, subnet ?? "")));
});

test("a config that cannot be is refused, and says why", () => {
  const config = '{"Network": "10.2.0.0/16", "SubnetMin": "10.3.1.0"}';
  assert.throws(
    () => acquireLeases(core, config, hosts(1), new Dice(1n)),
    /SubnetMin: an address in 10\.2/,
  );
});
