// A packet as the kernel's log has it, in the words of nf_log_syslog.
import type { DecodedLayer, Ipv4Fields, TcpFields } from "../../core/index.ts";
import type { Headers, Passage } from "./passage.ts";

/** "IN=docker0 OUT= PHYSIN=veth1 MAC=... SRC=172.17.0.2 ... PROTO=ICMP TYPE=8 CODE=0". */
export function printLogLine(passage: Passage, { ip, body }: Headers): string {
  const words = [`IN=${passage.in ?? ""}`, `OUT=${passage.out ?? ""}`];
  if (passage.physicalIn !== undefined) words.push(`PHYSIN=${passage.physicalIn}`);
  if (passage.physicalOut !== undefined) words.push(`PHYSOUT=${passage.physicalOut}`);
  if (passage.in !== null) words.push(`MAC=${printOctets(passage.frameHeader)}`);
  words.push(...printIp(ip), ...printBody(ip, body));
  if (passage.mark) words.push(`MARK=0x${passage.mark.toString(16)}`);
  return words.join(" ");
}

function printIp(ip: Ipv4Fields): string[] {
  const words = [`SRC=${ip.src}`, `DST=${ip.dst}`, `LEN=${ip.totalLength}`];
  words.push(`TOS=${printHex(ip.tos & 0x1e)}`, `PREC=${printHex(ip.tos & 0xe0)}`);
  words.push(`TTL=${ip.ttl}`, `ID=${ip.id}`);
  if (ip.reserved) words.push("CE");
  if (ip.dontFragment) words.push("DF");
  if (ip.moreFragments) words.push("MF");
  if (ip.fragmentOffset > 0) words.push(`FRAG:${ip.fragmentOffset / 8}`);
  return words;
}

function printBody(ip: Ipv4Fields, body: Headers["body"]): string[] {
  if (body === null) return [`PROTO=${ip.protocol}`];
  const words = [`PROTO=${body.layer.toUpperCase()}`];
  if (body.layer === "icmp") return [...words, ...printIcmp(body.fields)];
  words.push(`SPT=${body.fields.srcPort}`, `DPT=${body.fields.dstPort}`);
  if (body.layer === "udp") return [...words, `LEN=${body.fields.length}`];
  return [...words, ...printTcp(body.fields)];
}

function printIcmp(icmp: Extract<DecodedLayer, { readonly layer: "icmp" }>["fields"]): string[] {
  const words = [`TYPE=${icmp.type}`, `CODE=${icmp.code}`];
  if (icmp.id !== undefined) words.push(`ID=${icmp.id}`, `SEQ=${icmp.sequence}`);
  if (icmp.nextHopMtu !== undefined) words.push(`MTU=${icmp.nextHopMtu}`);
  return words;
}

function printTcp(tcp: TcpFields): string[] {
  const words = [`SEQ=${tcp.sequence}`, `ACK=${tcp.acknowledgment}`, `WINDOW=${tcp.window}`];
  const flags = (["cwr", "ece", "urg", "ack", "psh", "rst", "syn", "fin"] as const)
    .filter((flag) => tcp[flag])
    .map((flag) => flag.toUpperCase());
  words.push(`RES=${printHex(tcp.reserved)}`, ...flags, `URGP=${tcp.urgentPointer}`);
  if (tcp.options !== "") words.push("OPT", `(${tcp.options.toUpperCase()})`);
  return words;
}

function printHex(byte: number): string {
  return `0x${byte.toString(16).toUpperCase().padStart(2, "0")}`;
}

function printOctets(bytes: Uint8Array = new Uint8Array()): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join(":");
}
