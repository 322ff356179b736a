// Lines that are refused, and with which words. A test of the network asks the tools themselves.

export const DEVICES: readonly string[] = ["lo", "eth0", "docker0", "flannel.1"];

function complaint(words: string, tool = "iptables v1.8.9 (nf_tables): "): string {
  return `${tool}${words}\nTry \`iptables -h' or 'iptables --help' for more information.`;
}

// What iproute2 6.1, bridge and iptables 1.8.9 printed for these very lines.
export const REFUSED: readonly (readonly [line: string, words: string])[] = [
  ["ip route add 10.92.203.0/23 via 10.168.0.3", "Error: Invalid prefix for given prefix length."],
  ["ip route add 10.1.17.0/24 dev nosuch", 'Cannot find device "nosuch"'],
  [
    "ip route add 10.1.300.0/24 via 10.1.17.0",
    'Error: any valid prefix is expected rather than "10.1.300.0/24".',
  ],
  [
    "ip -4 route add 10.1.300.0/24 via 10.1.17.0",
    'Error: inet prefix is expected rather than "10.1.300.0/24".',
  ],
  ["ip route add 10.1.3.0/24 via foo", 'Error: inet address is expected rather than "foo".'],
  [
    "ip route add 10.1.3.0/24 via 10.168.0.3 metric abc",
    'Error: argument "abc" is wrong: "metric" value is invalid',
  ],
  [
    "ip route add 10.1.4.0/24 via 10.168.0.3 linkdown",
    'Error: either "to" is duplicate, or "linkdown" is a garbage.',
  ],
  ["ip route add 10.1.4.0/24 dev", 'Command line is not complete. Try option "help"'],
  ["ip route foo", 'Command "foo" is unknown, try "ip route help".'],
  ["ip foo", 'Object "foo" is unknown, try "ip help".'],
  ["ip neigh add 10.1.16.3 lladdr 5e:f8:4f:00:e3 dev eth0", "Error: Invalid link address."],
  ["ip neigh add 10.1.16.3 lladdr 5e:f8:4f:00:e3:xx dev eth0", '"xx" is invalid lladdr.'],
  [
    "ip neigh add 10.1.16.4 lladdr 5e:f8:4f:00:e3:33",
    "Device and destination are required arguments.",
  ],
  [
    "ip neigh add 10.1.16.300 lladdr 5e:f8:4f:00:e3:33 dev eth0",
    'Error: any valid address is expected rather than "10.1.16.300".',
  ],
  ["ip neigh add 10.1.16.5 dev eth0 nud foo", 'Error: argument "foo" is wrong: nud state is bad'],
  ["ip link set eth0 mtu foo", 'Error: argument "foo" is wrong: Invalid "mtu" value'],
  ["ip link set eth0 address 12:34", "Invalid address length 2 - must be 6 bytes"],
  ["ip link set flannel.9 up", 'Cannot find device "flannel.9"'],
  ["ip link set eth0 foo", 'Error: either "dev" is duplicate, or "foo" is a garbage.'],
  ["ip link set eth0 master nosuch", 'Error: argument "nosuch" is wrong: Device does not exist'],
  ["ip addr add 10.168.0.2/24", 'Not enough information: "dev" argument is required.'],
  [
    "ip addr add 10.0.0.1/24 garbage dev eth0",
    'Error: either "local" is duplicate, or "garbage" is a garbage.',
  ],
  ["bridge foo", 'Object "foo" is unknown, try "bridge help".'],
  [
    "bridge fdb add 5e:f8:4f:00:e3 dev flannel.1 dst 10.168.0.3",
    "Invalid mac address 5e:f8:4f:00:e3",
  ],
  ["bridge fdb add 5e:f8:4f:00:e3:41 dst 10.168.0.3", "Device and address are required arguments."],
  [
    "bridge fdb add 5e:f8:4f:00:e3:41 dev flannel.1 dst foo",
    'Error: any valid address is expected rather than "foo".',
  ],
  ["iptables -A INPUT --dport 80 -j DROP", complaint('unknown option "--dport"')],
  [
    "iptables -A INPUT -p icmp --icmp-type constructor -j DROP",
    complaint("Unknown ICMP type `constructor'"),
  ],
  [
    "iptables -A INPUT -j MASQUERADE",
    "iptables v1.8.9 (nf_tables):  RULE_APPEND failed (Invalid argument): rule in chain INPUT",
  ],
  ["iptables -P NOCHAIN DROP", "iptables: Bad built-in chain name."],
  [
    "sysctl -w net.ipv4.ip_forward=99999999999",
    'sysctl: setting key "net.ipv4.ip_forward": Invalid argument',
  ],
  [
    "sysctl -w net.ipv4.ip_forward=a",
    'sysctl: setting key "net.ipv4.ip_forward": Invalid argument',
  ],
  ["iptables -P FORWARD FOO", "iptables: Bad policy name. Run `dmesg' for more information."],
  ["iptables -A INPUT garbage", complaint("Bad argument `garbage'", "")],
  ["iptables -A INPUT -p foo -j DROP", complaint('unknown protocol "foo" specified')],
  [
    "iptables -A INPUT -p tcp --dport abc -j DROP",
    complaint("invalid port/service `abc' specified"),
  ],
  ["iptables -A INPUT -s foo -j DROP", complaint("host/network `foo' not found")],
  ["iptables -A INPUT -s 1.2.3.4/33 -j DROP", complaint("invalid mask `33' specified")],
  ["iptables -A INPUT -s", complaint('option "-s" requires an argument')],
  ["iptables -A", complaint('option "-A" requires an argument')],
  ["iptables", complaint("no command specified")],
];
