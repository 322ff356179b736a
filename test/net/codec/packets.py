"""Packets that scapy built, and what scapy says of them.

    packets.py SEED COUNT FOLDER

writes COUNT packets of each codec to FOLDER/ethernet.pcap and FOLDER/ip.pcap, and a JSON object to
standard output: by link type, for every packet, its layers in heddle's names. A packet is built
with what chance gave it, and then read back: lengths and checksums are those that scapy computed.
"""

import json
import logging
import random
import sys

logging.getLogger("scapy").setLevel(logging.ERROR)

from scapy.contrib.igmp import IGMP  # noqa: E402
from scapy.layers.inet import ICMP, IP, TCP, UDP  # noqa: E402
from scapy.layers.inet import IPOption_NOP, IPOption_RR, IPOption_Router_Alert  # noqa: E402
from scapy.layers.inet import IPOption_Timestamp  # noqa: E402
from scapy.layers.l2 import ARP, Dot1AD, Dot1Q, Ether  # noqa: E402
from scapy.layers.vxlan import VXLAN  # noqa: E402
from scapy.packet import NoPayload, Padding, Raw, bind_layers  # noqa: E402
from scapy.utils import PcapWriter  # noqa: E402

FLANNEL_PORT = 8285
VXLAN_PORTS = [4789, 8472, 6784]
LOCAL_EXPERIMENT = 0x88B5
LINK_ETHERNET, LINK_RAW = 1, 101

bind_layers(UDP, IP, dport=FLANNEL_PORT)
bind_layers(UDP, VXLAN, dport=6784)
bind_layers(VXLAN, Ether)


class Chance:
    def __init__(self, seed):
        self.dice = random.Random(seed)

    def word(self, bits):
        most = (1 << bits) - 1
        return self.dice.choice([0, most, *[self.dice.randint(0, most)] * 6])

    def below(self, count):
        return self.dice.randrange(count)

    def one(self, among):
        return self.dice.choice(among)

    def data(self, most=60, least=1):
        return self.dice.randbytes(self.dice.randint(least, most))

    def mac(self):
        return ":".join(f"{byte:02x}" for byte in b"\x02" + self.dice.randbytes(5))

    def address(self):
        return ".".join(str(part) for part in (self.one([10, 100, 192]), *self.dice.randbytes(3)))

    def port(self):
        return 61000 + self.below(4000)


def ether(c, **fields):
    return Ether(src=c.mac(), dst=c.mac(), **fields)


def ip(c, **fields):
    given = {"tos": c.word(8), "id": c.word(16), "flags": c.one([0, 2, 4, 6]), "ttl": c.word(8)}
    return IP(src=c.address(), dst=c.address(), **{**given, **fields})


def udp(c, **fields):
    return UDP(**{"sport": c.port(), "dport": c.port(), **fields})


def datagram(c):
    none = {"chksum": 0} if c.below(4) == 0 else {}
    return ip(c) / udp(c, **none) / Raw(c.data())


def tag(c):
    return Dot1Q(prio=c.word(3), id=c.word(1), vlan=c.word(12))


def vlan(c):
    inside = datagram(c) if c.below(2) else None
    tags = tag(c) / inside if inside else tag(c)
    if not inside:
        tags.type = LOCAL_EXPERIMENT
        tags = tags / Raw(c.data())
    if c.below(2):
        return ether(c) / tags
    return ether(c) / Dot1AD(prio=c.word(3), id=c.word(1), vlan=c.word(12)) / tags


def arp(c):
    named = {"hwsrc": c.mac(), "psrc": c.address(), "hwdst": c.mac(), "pdst": c.address()}
    message = ARP(op=c.one([1, 2]), **named)
    return ether(c) / message / (Padding(c.data(18, 18)) if c.below(2) else b"")


def options(c):
    routers = [c.address() for _ in range(1 + c.below(3))]
    times = IPOption_Timestamp(flg=0, timestamp=c.word(32))
    known = [IPOption_NOP(), IPOption_RR(routers=routers), IPOption_Router_Alert(), times]
    return [option for option in known if c.below(2)]


def ipv4(c):
    return ether(c) / ip(c, options=options(c), proto=c.one([253, 254])) / Raw(c.data())


def fragments(c):
    if c.below(2):
        return ether(c) / ip(c, flags=c.below(2), frag=1 + c.below(8190), proto=17) / Raw(c.data())
    return ether(c) / ip(c, flags="MF") / udp(c, len=1000) / Raw(c.data())


def quoted(c):
    """Of a router: the header and eight bytes at least; a TCP header whole."""
    rest = c.one([udp(c), TCP(sport=c.port(), dport=c.port(), seq=c.word(32)), ICMP(id=c.word(16))])
    whole = bytes(ip(c) / rest / Raw(c.data(60, 20)))
    return whole[: len(whole) - c.below(20)] if isinstance(rest, TCP) else whole[: 28 + c.below(20)]


def icmp(c):
    kind = c.below(9)
    if kind < 2:
        return ICMP(type=8 * kind, id=c.word(16), seq=c.word(16)) / Raw(c.data())
    if kind == 2:
        times = [c.word(32) for _ in range(3)]
        return ICMP(type=13, id=c.word(16), ts_ori=times[0], ts_rx=times[1], ts_tx=times[2])
    if kind == 3:
        return ICMP(type=10, unused=c.word(32))
    errors = [
        ICMP(type=3, code=c.below(16), reserved=c.word(8), length=0, nexthopmtu=c.word(16)),
        ICMP(type=4, unused=c.word(32)),
        ICMP(type=5, code=c.below(4), gw=c.address()),
        ICMP(type=11, code=c.below(2), reserved=c.word(8), unused=c.word(16)),
        ICMP(type=12, ptr=c.word(8), unused=c.word(16)),
    ]
    return errors[kind - 4] / Raw(quoted(c))


def igmp(c):
    group = f"239.{c.below(256)}.{c.below(256)}.{c.below(256)}"
    message = IGMP(type=c.one([0x11, 0x12, 0x16, 0x17]), mrcode=c.word(8), gaddr=group)
    return ether(c) / ip(c, ttl=1) / message


def tcp(c):
    kinds = [("MSS", c.word(16)), ("WScale", c.below(15)), ("SAckOK", b""), ("NOP", None)]
    kinds += [("Timestamp", (c.word(32), c.word(32))), ("SAck", (c.word(32), c.word(32)))]
    fields = {
        "sport": c.port(),
        "dport": c.port(),
        "seq": c.word(32),
        "ack": c.word(32),
        "reserved": c.word(3),
        "flags": c.word(9),
        "window": c.word(16),
        "urgptr": c.word(16),
        "options": [kind for kind in kinds if c.below(2)],
    }
    return ether(c) / ip(c) / TCP(**fields) / Raw(c.data())


def vxlan(c):
    policy = {"flags": "Instance+G", "gpflags": c.one([0, 0x08, 0x40, 0x48]), "gpid": c.word(16)}
    header = VXLAN(vni=c.word(24), **(policy if c.below(2) else {"flags": "Instance"}))
    none = {"chksum": 0} if c.below(2) else {}
    outer = ether(c) / ip(c) / udp(c, dport=c.one(VXLAN_PORTS), **none)
    inside = c.one([lambda: datagram(c), lambda: arp(c)[ARP], lambda: ip(c) / icmp(c)])()
    return outer / header / ether(c) / inside


def flannel(c):
    return ether(c) / ip(c) / udp(c, sport=FLANNEL_PORT, dport=FLANNEL_PORT) / datagram(c)


CODECS = [
    lambda c: ether(c, type=LOCAL_EXPERIMENT) / Raw(c.data()),
    vlan,
    arp,
    ipv4,
    fragments,
    lambda c: ether(c) / ip(c) / icmp(c),
    igmp,
    lambda c: ether(c) / datagram(c),
    tcp,
    vxlan,
    lambda c: ether(c) / ip(c) / datagram(c),
    flannel,
]


def state_ether(p):
    return "ethernet", {"dst": p.dst, "src": p.src, "etherType": p.type}


def state_tag(p):
    return "vlan", {"pcp": p.prio, "dropEligible": bool(p.id), "vid": p.vlan, "etherType": p.type}


def state_arp(p):
    names = {"operation": p.op, "senderMac": p.hwsrc, "senderAddress": p.psrc}
    return "arp", {**names, "targetMac": p.hwdst, "targetAddress": p.pdst}


def state_ip(p):
    flags = {"reserved": bool(p.flags.evil), "dontFragment": bool(p.flags.DF)}
    return "ipv4", {
        "version": p.version,
        "ihl": p.ihl,
        "tos": p.tos,
        "totalLength": p.len,
        "id": p.id,
        **flags,
        "moreFragments": bool(p.flags.MF),
        "fragmentOffset": 8 * p.frag,
        "ttl": p.ttl,
        "protocol": p.proto,
        "checksum": p.chksum,
        "src": p.src,
        "dst": p.dst,
        "options": b"".join(bytes(option) for option in p.options).hex(),
    }


def state_icmp(p):
    fields = {"type": p.type, "code": p.code, "checksum": p.chksum}
    if p.type in (0, 8):
        fields |= {"id": p.id, "sequence": p.seq}
    elif p.type == 3 and p.code == 4:
        fields |= {"unused": p.reserved << 8 | p.length, "nextHopMtu": p.nexthopmtu}
    elif p.type == 3:
        fields |= {"unused": p.reserved << 24 | p.length << 16 | p.nexthopmtu}
    elif p.type == 11:
        fields |= {"unused": p.reserved << 24 | p.length << 16 | p.unused}
    elif p.type == 12:
        fields |= {"pointer": p.ptr, "unused": p.length << 16 | p.unused}
    elif p.type == 5:
        fields |= {"gateway": p.gw}
    elif p.type == 13:
        fields |= {"rest": p.id << 16 | p.seq}
    else:
        fields |= {"unused" if p.type == 4 else "rest": p.unused}
    return "icmp", fields


def state_igmp(p):
    return "igmp", {"type": p.type, "maxRespTime": p.mrcode, "checksum": p.chksum, "group": p.gaddr}


def state_udp(p):
    return "udp", {"srcPort": p.sport, "dstPort": p.dport, "length": p.len, "checksum": p.chksum}


TCP_FLAGS = {
    **{"fin": "F", "syn": "S", "rst": "R", "psh": "P", "ack": "A"},
    **{"urg": "U", "ece": "E", "cwr": "C", "ns": "N"},
}


def state_tcp(p):
    return "tcp", {
        "srcPort": p.sport,
        "dstPort": p.dport,
        "sequence": p.seq,
        "acknowledgment": p.ack,
        "dataOffset": p.dataofs,
        "reserved": p.reserved,
        **{name: bool(getattr(p.flags, flag)) for name, flag in TCP_FLAGS.items()},
        "window": p.window,
        "checksum": p.chksum,
        "urgentPointer": p.urgptr,
        # scapy keeps options as values, and says no bytes of them but those of the header.
        "options": bytes(p)[20 : 4 * p.dataofs].hex(),
    }


def state_vxlan(p):
    policy = int(p.gpflags) if p.flags.G else 0
    return "vxlan", {
        "validVni": bool(p.flags.Instance),
        "policy": bool(p.flags.G),
        "dontLearn": bool(policy & 0x40),
        "policyApplied": bool(policy & 0x08),
        "policyId": p.gpid if p.flags.G else 0,
        "vni": p.vni,
        "reservedFlags": 0,
        "reserved": p.reserved2,
    }


STATES = {
    **{Ether: state_ether, Dot1AD: state_tag, Dot1Q: state_tag, ARP: state_arp, IP: state_ip},
    **{ICMP: state_icmp, IGMP: state_igmp, UDP: state_udp, TCP: state_tcp, VXLAN: state_vxlan},
    Padding: lambda p: ("padding", {"data": p.load.hex()}),
    Raw: lambda p: ("payload", {"data": p.load.hex()}),
}


def layers_of(packet):
    layers = []
    while not isinstance(packet, NoPayload):
        kind = next(kind for kind in STATES if isinstance(packet, kind))
        layer, fields = STATES[kind](packet)
        layers.append({"layer": layer, "fields": fields})
        if layer == "icmp" and fields["type"] == 13:
            times = (packet.ts_ori, packet.ts_rx, packet.ts_tx)
            data = b"".join(time.to_bytes(4, "big") for time in times).hex()
            layers.append({"layer": "payload", "fields": {"data": data}})
        packet = packet.payload
    return layers


def main(seed, count, folder):
    chance = Chance(seed)
    stated = {"ethernet": [], "ip": []}
    ethernet = PcapWriter(f"{folder}/ethernet.pcap", linktype=LINK_ETHERNET)
    bare = PcapWriter(f"{folder}/ip.pcap", linktype=LINK_RAW)
    for draw in CODECS:
        for _ in range(count):
            frame = Ether(bytes(draw(chance)))
            is_bare = isinstance(frame.payload, IP) and chance.below(4) == 0
            packet = IP(bytes(frame.payload)) if is_bare else frame
            (bare if is_bare else ethernet).write(packet)
            stated["ip" if is_bare else "ethernet"].append(layers_of(packet))
    ethernet.close()
    bare.close()
    json.dump(stated, sys.stdout)


main(int(sys.argv[1]), int(sys.argv[2]), sys.argv[3])
