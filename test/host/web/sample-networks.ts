// Networks of every form that the stage has to draw: few and many hosts, bridges, namespaces,
// tunnels, and long names.
import type {
  DeviceSpec,
  HostSpec,
  NamespaceSpec,
  NetworkSpec,
} from "../../../bindings/lab/spec/network.ts";

/** A container with one device at a bridge's port. */
function container(host: string, name: string, address: string): NamespaceSpec {
  const peer = `${host}:veth-${name}`;
  const devices: DeviceSpec[] = [{ name: "eth0", kind: "veth", peer, addresses: [address] }];
  return { name, kind: "container", devices };
}

function port(name: string, master?: string): DeviceSpec {
  const bare = { name: `veth-${name}`, kind: "veth", peer: `${name}:eth0` } as const;
  return master === undefined ? bare : { ...bare, master };
}

function host(
  name: string,
  devices: readonly DeviceSpec[],
  containers: readonly NamespaceSpec[] = [],
): HostSpec {
  return { name, namespaces: [{ name, kind: "host", devices }, ...containers] };
}

function nic(address: string, name = "eth0"): DeviceSpec {
  return { name, kind: "nic", addresses: [address] };
}

function bridge(name: string, address: string): DeviceSpec {
  return { name, kind: "bridge", addresses: [address] };
}

function wired(
  hosts: readonly HostSpec[],
  kind: "switch" | "hub" | "cable" = "switch",
): NetworkSpec {
  const ports = hosts.map(({ name }) => `${name}:eth0`);
  return { hosts, fabrics: [{ name: "sw0", kind, ports }] };
}

/** `count` containers at one bridge, a tunnel of `kind` where it is given. */
function node(at: number, count: number, kind?: "vxlan" | "tun" | "ipip"): HostSpec {
  const names = Array.from({ length: count }, (_, each) => `c${at}${each}`);
  const name = `node${at}`;
  const local = `10.168.0.${at + 1}`;
  const common = { addresses: [`10.1.${at}.0/32`], lower: "eth0", local };
  const tunnels: Record<string, DeviceSpec> = {
    vxlan: { name: "flannel.1", kind: "vxlan", vni: 1, ...common },
    tun: { name: "flannel0", kind: "tun", leases: [], ...common },
    ipip: { name: "tunl0", kind: "ipip", ...common },
  };
  const tunnel = kind === undefined ? undefined : tunnels[kind];
  const devices = [
    nic(`${local}/24`),
    bridge("docker0", `10.1.${at}.1/24`),
    ...names.map((each) => port(each, "docker0")),
    ...(tunnel === undefined ? [] : [tunnel]),
  ];
  const inside = names.map((each, index) => container(name, each, `10.1.${at}.${index + 2}/24`));
  return host(name, devices, inside);
}

function calicoNode(at: number): HostSpec {
  const name = `worker-${at}`;
  return host(
    name,
    [nic(`192.168.199.${at}/24`), port(`pod${at}`)],
    [container(name, `pod${at}`, `192.168.105.${at}/32`)],
  );
}

/** Swarm's form: a namespace with a bridge and a VXLAN, and a second device in the container. */
function swarmNode(at: number, overlayCount: number): HostSpec {
  const name = `node${at}`;
  const app = `app.${at}`;
  const overlays = Array.from({ length: overlayCount }, (_, each): NamespaceSpec => {
    const id = `1-${at}sbj86zsj${each}`;
    return {
      name: id,
      kind: "overlay",
      devices: [
        bridge("br0", "10.0.1.1/24"),
        { name: "veth0", kind: "veth", master: "br0", peer: `${app}:eth${each}` },
        {
          name: "vxlan0",
          kind: "vxlan",
          vni: 4097,
          master: "br0",
          lower: "eth0",
          local: `172.19.0.${at}`,
          socketIn: name,
        },
      ],
    };
  });
  const devices: DeviceSpec[] = overlays.map((overlay, each) => {
    return {
      name: `eth${each}`,
      kind: "veth",
      peer: `${overlay.name}:veth0`,
      addresses: [`10.0.${each}.3/24`],
    };
  });
  const out: DeviceSpec = {
    name: "eth9",
    kind: "veth",
    peer: `${name}:veth-${app}`,
    addresses: ["172.18.0.3/16"],
  };
  const gateway: DeviceSpec = {
    name: `veth-${app}`,
    kind: "veth",
    peer: `${app}:eth9`,
    master: "docker_gwbridge",
  };
  return host(
    name,
    [nic(`172.19.176.${at}/24`), bridge("docker_gwbridge", "172.18.0.1/16"), gateway],
    [{ name: app, kind: "container", devices: [...devices, out] }, ...overlays],
  );
}

function weaveNode(at: number): HostSpec {
  const name = `host${at}`;
  const app = `hello${at}`;
  const devices: DeviceSpec[] = [
    nic(`192.168.99.${107 + at}/24`),
    bridge("docker0", "172.17.0.1/16"),
    { name: "weave", kind: "bridge" },
    { name: "veth-a", kind: "veth", peer: `${app}:eth0`, master: "docker0" },
    { name: "veth-w", kind: "veth", peer: `${app}:ethwe`, master: "weave" },
    {
      name: "vxlan-6784",
      kind: "weave",
      mode: "fastdp",
      master: "weave",
      lower: "eth0",
      local: `192.168.99.${107 + at}`,
      peers: [],
    },
  ];
  const inside: DeviceSpec[] = [
    { name: "eth0", kind: "veth", peer: `${name}:veth-a`, addresses: ["172.17.0.2/16"] },
    { name: "ethwe", kind: "veth", peer: `${name}:veth-w`, addresses: ["10.32.0.2/12"] },
  ];
  return host(name, devices, [{ name: app, kind: "container", devices: inside }]);
}

function gateway(): NetworkSpec {
  const hosts = [
    host("pc1", [nic("192.168.1.4/24")]),
    host("gw", [nic("192.168.1.1/24"), nic("10.100.1.1/24", "eth1")]),
    host("pc2", [nic("10.100.1.3/24")]),
  ];
  return {
    hosts,
    fabrics: [
      { name: "lan1", kind: "switch", ports: ["pc1:eth0", "gw:eth0"] },
      { name: "lan2", kind: "switch", ports: ["gw:eth1", "pc2:eth0"] },
    ],
  };
}

const plain = (count: number): HostSpec[] =>
  Array.from({ length: count }, (_, at) => host(`pc${at}`, [nic(`192.168.1.${at + 1}/24`)]));

export const NETWORKS: Readonly<Record<string, NetworkSpec>> = {
  "one host": {
    hosts: [
      host(
        "node1",
        [bridge("docker0", "172.17.0.1/16"), port("a", "docker0"), port("b", "docker0")],
        [container("node1", "a", "172.17.0.2/16"), container("node1", "b", "172.17.0.3/16")],
      ),
    ],
    fabrics: [],
  },
  vxlan: wired([node(1, 1, "vxlan"), node(2, 1, "vxlan")]),
  "two containers each": wired([node(1, 2, "vxlan"), node(2, 2, "vxlan")]),
  "host-gw": wired([node(1, 1), node(2, 1)]),
  udp: wired([node(1, 1, "tun"), node(2, 1, "tun")], "cable"),
  ipip: wired([node(1, 1, "ipip"), node(2, 1, "ipip")]),
  calico: wired([calicoNode(11), calicoNode(12)]),
  swarm: wired([swarmNode(1, 1), swarmNode(2, 1)]),
  "two VNIs": wired([swarmNode(1, 2), swarmNode(2, 2)]),
  weave: wired([weaveNode(1), weaveNode(2)]),
  gateway: gateway(),
  hub: wired(plain(4), "hub"),
  "three nodes": wired([node(1, 1, "vxlan"), node(2, 1, "vxlan"), node(3, 1, "vxlan")]),
  "twelve cards": wired(plain(12)),
};
