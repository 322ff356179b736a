import {
  bridge_burst,
  ipip_decap_frame_burst,
  ipip_encap_frame_burst,
  resolve_burst,
  route_burst,
  udp_decap_burst,
  udp_decap_frame_burst,
  udp_encap_burst,
  udp_encap_frame_burst,
  vxlan_decap_burst,
  vxlan_decap_frame_burst,
  vxlan_encap_burst,
  vxlan_encap_frame_burst,
} from "../../../assembly/abi/path";
import { Status } from "../../../assembly/base/status";
import { BurstAt } from "../../../assembly/path/burst";
import { HopAt, HopKind, hopSet } from "../../../assembly/table/hop";
import { PortKind } from "../../../assembly/table/port";
import { routeInsert, routeRemove } from "../../../assembly/table/route";
import { PROTOCOL_UDP } from "../../../assembly/wire/ipv4";
import { inAt, openBurst, outAt, push, pushIp, THERE, VTEP } from "../path/packets";
import {
  hopRecord,
  openNode,
  place,
  setDomain,
  setPort,
  setRemote,
  setStation,
} from "../table/node";

const FRAME = "020000000002 020000000001 88b5 0102030405";
const STATION: u64 = 0x020000000002;
const FRAME_LEN: u32 = 19;
const VXLAN_PORT: u32 = 0;
const UDP_PORT: u32 = 1;
const IPIP_PORT: u32 = 2;
const PACKET_LEN: u32 = 64;
const ETHERNET_LEN: u32 = 14;
const IPV4_LEN: u32 = 20;
const UDP_LEN: u32 = 8;
const VXLAN_LEN: u32 = 8;

let node: usize = 0;
let burst: usize = 0;

/** A burst for a port, with no packet in it. */
function begin(port: u32): void {
  burst = openBurst(node);
  store<u32>(burst, port, BurstAt.Port);
}

function firstLen(): u32 {
  return outAt(burst, 0).len;
}

describe("the elements at the wall", () => {
  beforeEach(() => {
    node = openNode();
    setDomain(node, 0, 0); // VNI 0
    setPort(node, VXLAN_PORT, PortKind.Vxlan, 0);
    setPort(node, UDP_PORT, PortKind.UdpTunnel);
    setPort(node, IPIP_PORT, PortKind.Ipip);
    setRemote(node, 0, VTEP);
    setStation(node, 0, STATION, place(VXLAN_PORT, 0));
    const hop = hopRecord(0, HopKind.Unicast);
    store<u16>(hop, 0, HopAt.Remote);
    hopSet(node, hop);
    routeInsert(node, THERE & 0xffff0000, 16, 0);
  });

  it("encapsulate in VXLAN, with headers below or without", () => {
    begin(VXLAN_PORT);
    push(node, burst, FRAME);
    expect<i32>(vxlan_encap_burst(node, burst)).toBe(1);
    expect<u32>(firstLen()).toBe(VXLAN_LEN + FRAME_LEN);
    begin(VXLAN_PORT);
    push(node, burst, FRAME);
    expect<i32>(vxlan_encap_frame_burst(node, burst)).toBe(1);
    expect<u32>(firstLen()).toBe(ETHERNET_LEN + IPV4_LEN + UDP_LEN + VXLAN_LEN + FRAME_LEN);
  });

  it("decapsulate VXLAN, with headers below or without", () => {
    begin(VXLAN_PORT);
    push(node, burst, `0800000000000000${FRAME}`);
    inAt(burst, 0).setPeer(VTEP);
    expect<i32>(vxlan_decap_burst(node, burst)).toBe(1);
    expect<u32>(firstLen()).toBe(FRAME_LEN);
    begin(VXLAN_PORT);
    push(node, burst, `0800000000000000${FRAME}`);
    expect<i32>(vxlan_decap_frame_burst(node, burst)).toBe(0);
    expect<i32>(inAt(burst, 0).verdict).toBe(Status.BadProtocol);
  });

  it("encapsulate in flannel's UDP, with headers below or without", () => {
    begin(UDP_PORT);
    pushIp(node, burst, PACKET_LEN, PROTOCOL_UDP);
    expect<i32>(udp_encap_burst(node, burst)).toBe(1);
    expect<u32>(firstLen()).toBe(PACKET_LEN);
    begin(UDP_PORT);
    pushIp(node, burst, PACKET_LEN, PROTOCOL_UDP);
    expect<i32>(udp_encap_frame_burst(node, burst)).toBe(1);
    expect<u32>(firstLen()).toBe(ETHERNET_LEN + IPV4_LEN + UDP_LEN + PACKET_LEN);
  });

  it("decapsulate flannel's UDP, with headers below or without", () => {
    begin(UDP_PORT);
    pushIp(node, burst, PACKET_LEN, PROTOCOL_UDP);
    expect<i32>(udp_decap_burst(node, burst)).toBe(1);
    expect<u32>(firstLen()).toBe(PACKET_LEN);
    begin(UDP_PORT);
    push(node, burst, FRAME);
    expect<i32>(udp_decap_frame_burst(node, burst)).toBe(0);
    expect<i32>(inAt(burst, 0).verdict).toBe(Status.BadProtocol);
  });

  it("put IP in IP, and take it out", () => {
    begin(IPIP_PORT);
    pushIp(node, burst, PACKET_LEN, PROTOCOL_UDP);
    expect<i32>(ipip_encap_frame_burst(node, burst)).toBe(1);
    expect<u32>(firstLen()).toBe(ETHERNET_LEN + IPV4_LEN + PACKET_LEN);
    begin(IPIP_PORT);
    push(node, burst, FRAME);
    expect<i32>(ipip_decap_frame_burst(node, burst)).toBe(0);
    expect<i32>(inAt(burst, 0).verdict).toBe(Status.BadProtocol);
  });

  it("route, and resolve ARP alone", () => {
    begin(0xffff);
    pushIp(node, burst, PACKET_LEN, PROTOCOL_UDP).setPort(0xffff);
    expect<i32>(resolve_burst(node, burst)).toBe(0);
    expect<i32>(inAt(burst, 0).verdict).toBe(Status.BadProtocol);
    routeRemove(node, THERE & 0xffff0000, 16);
    begin(0xffff);
    pushIp(node, burst, PACKET_LEN, PROTOCOL_UDP).setPort(0xffff);
    expect<i32>(route_burst(node, burst)).toBe(0);
    expect<i32>(inAt(burst, 0).verdict).toBe(Status.NoRoute);
  });

  it("bridge whatever port the burst names", () => {
    begin(0xffff);
    push(node, burst, FRAME);
    expect<i32>(bridge_burst(node, burst)).toBe(0);
    expect<i32>(inAt(burst, 0).verdict).toBeLessThan(0);
    expect<i32>(vxlan_encap_burst(node, burst)).toBe(Status.BadPort);
  });
});
