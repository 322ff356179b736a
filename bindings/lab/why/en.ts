// What became of a packet, in English: who does what, which table says so, and so what. Of several
// templates the first is taken whose slots the hop fills.
import type { Verdict } from "../trace/verdict.ts";

export const EN: Readonly<Record<Verdict, readonly string[]>> = {
  send: [
    "**{app} sends.** {dst} is not in {net}, so the frame goes to the gateway {gw} at {mac}.",
    "**{app} sends.** {dst} is not in {net}, so the packet goes to the gateway {gw}.",
    "**{app} sends.** {prefix} is the longest match for {dst}: out of {dev} by {nh}.",
    "**{app} sends.** {prefix} is the longest match for {dst}: straight out of {dev}.",
    "**{app} sends** to {dst} out of {dev}.",
    "**{app} sends** out of {dev}.",
  ],
  "send-local": [
    "**{app} sends.** {dst} is in {net}: the frame goes straight to its MAC {mac}.",
    "**{app} sends.** {dst} is in {net}: the packet goes straight there.",
    "**{app} sends** to {dst}: the packet goes straight there.",
    "**{app} sends** a frame to {mac}, as it is.",
  ],
  "arp-ask": ["**{dev} asks who has {ip}.** The neighbor table has no entry, so the packet waits."],
  "arp-answer": ["**{dev} answers.** {ip} is its own address; the reply goes to one MAC only."],
  "arp-proxy": [
    "**{dev} answers for {ip}.** Its neighbor entry says {mac}; the question never " +
      "reaches the underlay.",
  ],
  "arp-swallow": [
    "**{dev} swallows the question.** No neighbor entry for {ip}: an L3MISS notice goes " +
      "up, nothing goes out.",
  ],
  "arp-ignore": ["**{dev} keeps quiet.** {ip} is not its address: the question is for another."],
  bridge: ["**{br} forwards.** Its table puts {mac} behind {port}."],
  "bridge-up": [
    "**{br} hands the frame up.** {all} is everybody, and the only other port is the host itself.",
    "**{br} hands the frame up.** {group} is a group: the only other port is the host itself.",
    "**{br} hands the frame up.** {mac} is its own MAC, so the host's IP layer takes it.",
  ],
  flood: [
    "**{br} floods.** {all} is everybody: out of {n} ports, not back into {port}.",
    "**{br} floods.** {group} is a group: out of {n} ports, not back into {port}.",
    "**{br} floods.** It has not learned {mac}: out of {n} ports, not back into {port}.",
    "**{br} floods.** It has not learned {mac}: out of {n} ports.",
  ],
  hub: ["**{hub} repeats.** It has no table: {n} ports get a copy."],
  wire: ["**{dev} carries it.** A wire has two ends and decides nothing."],
  route: [
    "**{host} routes.** {prefix} is the longest match for {dst}: out of {dev} by {nh}; " +
      "TTL {ttl0} becomes {ttl1}.",
    "**{host} routes.** {prefix} is the longest match for {dst}: straight out of {dev}; " +
      "TTL {ttl0} becomes {ttl1}.",
    "**{host} routes.** {prefix} is the longest match for {dst}: out of {dev}.",
  ],
  "encap-vxlan": [
    "**{dev} wraps the frame.** Its FDB places {mac} behind {vtep}, so {n0} bytes leave " +
      "{out} as {n1}: UDP to port {port}, VNI {vni}.",
  ],
  "encap-udp": [
    "**flanneld wraps the packet.** Lease {subnet} belongs to {vtep}: {n0} bytes go into " +
      "UDP {port}.",
  ],
  "encap-ipip": [
    "**{dev} puts IP in IP.** The route's next hop {nh} becomes the outer destination; " +
      "20 bytes more.",
  ],
  "encap-weave": [
    "**{dev} wraps the frame.** {mac} was heard from peer {peer}, so {n0} bytes go to " +
      "{vtep} as {n1}: UDP to port {port}.",
    "**{dev} wraps the frame.** {mac} lives behind {vtep}, so {n0} bytes leave as {n1}: " +
      "UDP to port {port}.",
  ],
  decap: [
    "**{dev} unwraps.** Port {port} and VNI {vni} are its own: {n0} bytes become {n1}, " +
      "the frame inside is untouched.",
    "**{dev} unwraps.** Port {port} is its own: {n0} bytes become {n1}, what is inside " +
      "is untouched.",
    "**{dev} unwraps.** The outer destination is its own: {n0} bytes become {n1}, the " +
      "packet inside is untouched.",
  ],
  "tun-up": [
    "**The kernel hands the packet to flanneld** through {tun}: kernel to " + "user, one copy.",
  ],
  "tun-down": [
    "**flanneld writes to {tun}:** user to kernel, one copy; the packet starts again in " +
      "the IP layer.",
  ],
  snat: [
    "**{host} rewrites the source.** {rule}: {a} becomes {b}; the reply will be turned back.",
    "**{host} rewrites the source.** {a} becomes {b}; the reply will be turned back.",
  ],
  dnat: ["**{host} rewrites the destination.** Published port {p}: {a} becomes {b}."],
  unnat: ["**{host} undoes its translation.** The flow is known: {b} becomes {a} again."],
  deliver: [
    "**{host} delivers.** MAC mine, IP mine, {proto} {port}: {app} gets it with TTL {ttl}.",
    "**{host} delivers.** MAC mine, IP mine, {proto}: {app} gets it with TTL {ttl}.",
    "**{host} delivers.** MAC mine, IP mine, {proto}: the stack gets it with TTL {ttl} " +
      "and will answer.",
    "**{host} delivers.** {proto}: the stack takes it in.",
    "**{host} delivers.** What came is its own.",
  ],
  reply: [
    "**{host} answers.** Addresses swapped, TTL starts again at {ttl}.",
    "**{host} answers.** Addresses swapped, TTL starts again at 64.",
  ],
  "icmp-error": ["**{host} reports back:** {type} to {src}, quoting the packet."],
  "link-fault": ["**The link {did}** this frame (seed {seed}).", "**The link {did}** this frame."],
  "drop-no-fdb": [
    "**Dropped at {dev}.** No FDB entry for {mac}, and {dev} does not flood.",
    "**Dropped at {dev}.** No entry says where {dst} lives.",
  ],
  "drop-no-route": [
    "**Dropped at {host}.** No route matches {dst}; ICMP network unreachable goes to {src}.",
    "**Dropped at {host}.** No route matches {dst}.",
  ],
  "drop-no-neigh": [
    "**Dropped at {dev}.** Three questions for {ip}, no answer; ICMP host unreachable " +
      "goes to {src}.",
    "**Dropped at {dev}.** No neighbor entry for {ip}, and no answer.",
  ],
  "drop-ttl": ["**Dropped at {host}.** TTL would reach 0; ICMP time exceeded goes to {src}."],
  "drop-ttl-quiet": [
    "**Dropped by flanneld.** TTL would reach 0, and flannel's proxy " + "says nothing.",
  ],
  "drop-mac": ["**Dropped at {dev}.** {mac} is not mine."],
  "drop-ip": [
    "**Dropped at {host}.** {dst} is not mine, and ip_forward is 0.",
    "**Dropped at {host}.** The address is not mine, and ip_forward is 0.",
  ],
  "drop-vni": ["**Dropped at {dev}.** The frame says VNI {a}, the device is VNI {b}."],
  "drop-reserved": [
    "**Dropped at {dev}.** A reserved VXLAN bit is set: Linux refuses it, RFC 7348 would " +
      "ignore it.",
  ],
  "drop-csum": [
    "**Dropped at {host}.** {layer} checksum is {a}, the bytes add up to {b}.",
    "**Dropped at {host}.** A checksum is not what the bytes add up to.",
  ],
  "drop-fcs": ["**Dropped by the card.** CRC-32 does not match: a bit was flipped on the way."],
  "drop-mtu": [
    "**Dropped at {dev}.** {n} bytes do not fit into {mtu} and DF is set; ICMP 3/4 goes to {src}.",
  ],
  "drop-mtu-quiet": [
    "**Dropped at {dev}.** {n} bytes do not fit into {mtu}, and nobody tells the sender: " +
      "an MTU hole.",
    "**Dropped at {dev}.** {n} bytes do not fit, and nobody tells the sender: an MTU hole.",
  ],
  "drop-port": [
    "**Refused by {host}.** Nobody listens on {proto} {port}: {answer} goes back.",
    "**Refused by {host}.** Nobody listens on {proto} {port}.",
  ],
  "drop-same-port": ["**{br} keeps it.** {mac} is behind {port}, where the frame came from."],
  "drop-rule": ["**Dropped by {chain}.** Rule {n}: {rule}.", "**Dropped by {chain}.** {rule}."],
  "drop-peer": ["**Dropped at {dev}.** {src} holds no lease: it may not speak as a VTEP."],
  "drop-loss": ["**Lost on the link** {link} (seed {seed}).", "**Lost on the link** {link}."],
  "drop-martian": ["**Dropped at {dev}.** {src} cannot be the source of what comes in here."],
  "drop-down": ["**Dropped at {dev}.** {dev} is down: nothing passes until it is set up."],
  "drop-malformed": [
    "**Dropped at {host}.** The {layer} header does not add up: {reason}.",
    "**Dropped at {host}.** The {layer} header does not add up.",
    "**Dropped at {host}.** A header does not add up with its bytes: {reason}.",
    "**Dropped at {host}.** A header does not add up with its bytes.",
  ],
  "drop-other": ["**Dropped at {host}.** The core's reason is {reason}."],
  "refuse-route": [
    '**The kernel refuses the route.** {gw} is not on a link: "Nexthop has invalid gateway".',
  ],
};
