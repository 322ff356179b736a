import { Status } from "../../../assembly/base/status";
import { decode } from "../../../assembly/path/decode";
import { LayerAt, LayerKind } from "../../../assembly/path/layer";
import { edge, hexOf, noise, put } from "../bytes";

const packet: usize = memory.data(2048);
const records: usize = memory.data(64 * 64);
const CAP: u32 = 64;

const MACS = "02000aa80003 02000aa80002 ";
// 10.168.0.2 to 10.168.0.3, lab C, underlay, packet 3: flannel's UDP backend, with an echo in it.
const OUTER = "4500 0070 5c8f 4000 4011 c899 0aa8 0002 0aa8 0003";
const UDP = "205d 205d 005c a927";
const INNER = "4500 0054 9560 4000 3e01 db83 6460 0102 6460 0203";
const ECHO =
  "0800 a248 60ff 0001 cafe 006b 0000 0000 617a 0900 0000 0000 1011 1213 1415 1617 1819 1a1b " +
  "1c1d 1e1f 2021 2223 2425 2627 2829 2a2b 2c2d 2e2f 3031 3233 3435 3637";

const NAMES = [
  "",
  "eth",
  "vlan",
  "arp",
  "ip",
  "icmp",
  "igmp",
  "udp",
  "tcp",
  "vxlan",
  "data",
  "pad",
];

/** Each layer as name:depth offset+headerLen+len, with its status where it has one. */
function layersOf(ptr: usize, len: u32, start: i32): string {
  const count = decode(ptr, len, start, records, CAP);
  let text = "";
  for (let i: u32 = 0; i < count; i++) {
    const layer = records + i * LayerAt.End;
    const name = NAMES[load<u8>(layer, LayerAt.Kind)];
    const offset = load<u32>(layer, LayerAt.Offset);
    const headerLen = load<u32>(layer, LayerAt.HeaderLen);
    const len = load<u32>(layer, LayerAt.Len);
    const status = load<i16>(layer, LayerAt.Status);
    text += `${name}${load<u8>(layer, LayerAt.Depth)} ${offset}+${headerLen}+${len}`;
    text += status == 0 ? ", " : `!${status}, `;
  }
  return text;
}

function frame(hex: string): string {
  const len = put(packet, hex);
  return layersOf(packet, len, LayerKind.Ethernet);
}

function bare(hex: string): string {
  const len = put(packet, hex);
  return layersOf(packet, len, LayerKind.Ipv4);
}

describe("decode", () => {
  it("goes through a tunnel to the innermost byte", () => {
    const layers = frame(`${MACS} 0800 ${OUTER} ${UDP} ${INNER} ${ECHO}`);
    expect<string>(layers).toBe(
      "eth0 0+14+126, ip0 14+20+112, udp0 34+8+92, ip1 42+20+84, icmp1 62+8+64, data1 70+0+56, ",
    );
    expect<string>(bare(`${INNER} ${ECHO}`)).toBe("ip0 0+20+84, icmp0 20+8+64, data0 28+0+56, ");
  });

  it("goes through VXLAN on each of its ports, and on no other", () => {
    const ports = ["12b5", "2118", "1a80"];
    const inner = "ffffffffffff 020000000001 88cc 0102";
    for (let i = 0; i < ports.length; i++) {
      const ip = "4500 0034 0000 0000 4011 0000 0a00 0001 0a00 0002";
      const layers = bare(`${ip} 1234 ${ports[i]} 0020 0000 0800 0000 0000 0100 ${inner}`);
      expect<string>(layers).toBe(
        `ip0 0+20+52!${Status.BadChecksum}, udp0 20+8+32, vxlan0 28+8+24, eth1 36+14+16, ` +
          "data1 50+0+2, ",
      );
    }
    const other = "4500 001e 0000 0000 4011 66cd 0a00 0001 0a00 0002 2118 0035 000a 0000 0800";
    expect<string>(bare(other)).toBe("ip0 0+20+30, udp0 20+8+10, data0 28+0+2, ");
  });

  it("gives padding to whose lengths left it", () => {
    const arp = "0001 0800 0604 0001 02000aa80002 0aa80002 000000000000 0aa80003";
    expect<string>(frame(`${MACS} 0806 ${arp} 000000`)).toBe(
      "eth0 0+14+45, arp0 14+28+28, pad0 42+0+3, ",
    );
    const ip = "4500 0020 0000 0000 4011 66cb 0a00 0001 0a00 0002";
    expect<string>(frame(`${MACS} 0800 ${ip} 1234 5678 000a 0000 aabb ccdd eeff`)).toBe(
      "eth0 0+14+48, ip0 14+20+32, udp0 34+8+10, data0 42+0+2, pad0 44+0+2, pad0 46+0+2, ",
    );
    expect<string>(bare("4500 0014 0000 0000 fd11 a9d6 0a00 0001 0a00 0002 ee")).toBe(
      `ip0 0+20+20, udp0 20+8+0!${Status.Truncated}, `,
    );
    expect<string>(bare("4500 0014 0000 0000 fdfd a8ea 0a00 0001 0a00 0002 ee")).toBe(
      "ip0 0+20+20, pad0 20+0+1, ",
    );
  });

  it("reads tags, and the length that stands for an EtherType", () => {
    const rest = "88a8 6001 8100 0002 0004 4242 4242 0000";
    expect<string>(frame(`${MACS} ${rest}`)).toBe(
      "eth0 0+14+28, vlan0 14+4+14, vlan0 18+4+10, data0 22+0+4, pad0 26+0+2, ",
    );
    expect<string>(frame(`${MACS} 05dc 42`)).toBe("eth0 0+14+15, data0 14+0+1, ");
    put(packet, `${MACS} 05dc`);
    expect<string>(layersOf(packet, 1515, LayerKind.Ethernet)).toBe(
      "eth0 0+14+1515, data0 14+0+1500, pad0 1514+0+1, ",
    );
    put(packet, `${MACS} 05dd`);
    expect<string>(layersOf(packet, 1516, LayerKind.Ethernet)).toBe(
      "eth0 0+14+1516, data0 14+0+1502, ",
    );
    expect<string>(frame(`${MACS} 0000 42`)).toBe("eth0 0+14+15, pad0 14+0+1, ");
    expect<string>(frame(`${MACS} 8100 ab`)).toBe(
      `eth0 0+14+15, vlan0 14+4+1!${Status.Truncated}, `,
    );
  });

  it("tells what the last header needed, and what was there", () => {
    const truncated = Status.Truncated;
    expect<string>(frame("0102")).toBe(`eth0 0+14+2!${truncated}, `);
    expect<string>(frame("")).toBe(`eth0 0+14+0!${truncated}, `);
    expect<string>(bare("")).toBe(`ip0 0+20+0!${truncated}, `);
    expect<string>(bare("45")).toBe(`ip0 0+20+1!${truncated}, `);
    expect<string>(bare(OUTER)).toBe(`ip0 0+112+20!${truncated}, `);
    expect<string>(bare("4f00 0070 5c8f 4000 4011 c899 0aa8 0002 0aa8 0003 00")).toBe(
      `ip0 0+112+21!${truncated}, `,
    );
    expect<string>(bare(OUTER.replace("4500", "5500"))).toBe(`ip0 0+20+20!${Status.BadVersion}, `);
    expect<string>(bare(OUTER.replace("4500", "4400"))).toBe(`ip0 0+20+20!${Status.BadLength}, `);
    const udp = "4500 001c 0000 0000 4011 66cf 0a00 0001 0a00 0002";
    expect<string>(bare(`${udp} 1234 5678 0007 0000`)).toBe(
      `ip0 0+20+28, udp0 20+8+8!${Status.BadLength}, `,
    );
    expect<string>(bare(`${udp} 1234 5678 0009 0000`)).toBe(
      `ip0 0+20+28, udp0 20+9+8!${truncated}, `,
    );
    expect<string>(bare(`${udp} 1234 2118 0008 0000`)).toBe(
      `ip0 0+20+28, udp0 20+8+8, vxlan0 28+8+0!${truncated}, `,
    );
    const tcp = "4500 0028 0000 0000 4006 66ce 0a00 0001 0a00 0002 0102 0304 0506 0708 0910 1112";
    expect<string>(bare(`${tcp} 4000 0000 0000 0000`)).toBe(
      `ip0 0+20+40, tcp0 20+20+20!${Status.BadLength}, `,
    );
    expect<string>(bare(`${tcp} 6000 0000 0000 0000`)).toBe(
      `ip0 0+20+40, tcp0 20+24+20!${truncated}, `,
    );
  });

  it("tells a checksum and an option that are wrong, and goes on", () => {
    const wrong = Status.BadChecksum;
    expect<string>(bare(`${OUTER} ${UDP} ${INNER} ${ECHO.replace("0800", "0801")}`)).toBe(
      `ip0 0+20+112, udp0 20+8+92!${wrong}, ip1 28+20+84, icmp1 48+8+64!${wrong}, data1 56+0+56, `,
    );
    const option = "4600 001a 0000 0000 40fd d2df 0a00 0001 0a00 0002 9205 0000 4242";
    expect<string>(bare(option)).toBe(`ip0 0+24+26!${Status.BadOption}, data0 24+0+2, `);
    const igmp = "4500 001c 0000 0000 4002 66de 0a00 0001 0a00 0002 1600 0000 e000 0001";
    expect<string>(bare(igmp)).toBe(`ip0 0+20+28, igmp0 20+8+8!${wrong}, `);
  });

  it("takes what an ICMP error quotes as far as it goes", () => {
    const ip = "4500 0038 0000 0000 4001 66c3 0a00 0001 0a00 0002 0303 a3d3 0000 0000";
    expect<string>(bare(`${ip} ${OUTER} ${UDP}`)).toBe(
      `ip0 0+20+56, icmp0 20+8+36!${Status.BadChecksum}, ip1 28+20+28, udp1 48+8+8, `,
    );
    const short = "4500 002a 0000 0000 4001 66d1 0a00 0001 0a00 0002 0b00 f4ff 0000 0000";
    expect<string>(bare(`${short} 4500 0000 0000 0000 0000 0000 0000`)).toBe(
      `ip0 0+20+42, icmp0 20+8+22!${Status.BadChecksum}, data1 28+0+14, `,
    );
    // As much of an outer packet as a router quotes, around a frame that is cut short.
    const long = "4500 0048 0000 0000 4001 66b3 0a00 0001 0a00 0002 0304 0000 0000 05aa";
    const outer = `${OUTER} 1234 2118 005c a927 0800 0000 0000 0100`;
    expect<string>(bare(`${long} ${outer} 0102 0304 0506 0708`)).toBe(
      `ip0 0+20+72, icmp0 20+8+52!${Status.BadChecksum}, ip1 28+20+44, udp1 48+8+24, ` +
        "vxlan1 56+8+16, data2 64+0+8, ",
    );
  });

  it("reads no ports in later fragments, and no more than is there in the first", () => {
    const later = "4500 001e 0000 0001 4011 66cc 0a00 0001 0a00 0002 1234 2118 0008 0000 0800";
    expect<string>(bare(later)).toBe("ip0 0+20+30, data0 20+0+10, ");
    const first = "4500 001e 0000 2000 4011 46cd 0a00 0001 0a00 0002 1234 5678 1000 aaaa 0800";
    expect<string>(bare(first)).toBe("ip0 0+20+30, udp0 20+8+10, data0 28+0+2, ");
    const tiny = "4500 001c 0000 2000 4006 46da 0a00 0001 0a00 0002 1234 5678 0000 0000";
    expect<string>(bare(tiny)).toBe("ip0 0+20+28, data0 20+0+8, ");
  });

  it("takes what it does not know as payload", () => {
    expect<string>(frame(`${MACS} 86dd 6000 0000`)).toBe("eth0 0+14+18, data0 14+0+4, ");
    expect<string>(bare("6000 0000 0000 0000")).toBe("data0 0+0+8, ");
    expect<string>(frame(`${MACS} 0806 0006 0800 0601 0001 4242`)).toBe(
      "eth0 0+14+24, data0 14+0+10, ",
    );
    expect<string>(frame(`${MACS} 0806 0001 0800 0604 0001 4242`)).toBe(
      `eth0 0+14+24, arp0 14+28+10!${Status.Truncated}, `,
    );
  });

  it("stops sixteen packets deep", () => {
    let len: u32 = 0;
    for (let left: u32 = 400; left >= 20; left -= 20) {
      const ip = "4500 0000 0000 0000 4004 0000 0a00 0001 0a00 0002";
      put(packet + len, ip);
      store<u16>(packet + len + 2, bswap<u16>(<u16>left));
      len += 20;
    }
    const count = decode(packet, 400, LayerKind.Ipv4, records, CAP);
    expect<u32>(count).toBe(17);
    const last = records + 16 * LayerAt.End;
    expect<u32>(load<u8>(last, LayerAt.Kind)).toBe(LayerKind.Payload);
    expect<u32>(load<u8>(last, LayerAt.Depth)).toBe(15);
    expect<u32>(load<u32>(last, LayerAt.Offset)).toBe(320);
    expect<u32>(load<u32>(last, LayerAt.Len)).toBe(80);
  });

  it("writes no more than there is room for", () => {
    const len = put(packet, `${MACS} 0800 ${OUTER} ${UDP} ${INNER} ${ECHO} 0000`);
    expect<u32>(decode(packet, len, LayerKind.Ethernet, records, CAP)).toBe(7);
    const whole = hexOf(records, 7 * LayerAt.End);
    for (let cap: u32 = 0; cap < 8; cap++) {
      memory.fill(records, 0xa5, 8 * LayerAt.End);
      const count = decode(packet, len, LayerKind.Ethernet, records, cap);
      expect<u32>(count).toBe(min(cap, 7));
      expect<string>(hexOf(records, count * LayerAt.End)).toBe(
        whole.substr(0, count * 2 * LayerAt.End),
      );
      expect<u32>(load<u32>(records + count * LayerAt.End)).toBe(0xa5a5a5a5);
    }
  });

  it("reads nothing behind any packet", () => {
    const len = put(packet, `${MACS} 0800 ${OUTER} ${UDP} ${INNER} ${ECHO}`);
    for (let cut: u32 = 0; cut <= len; cut++) {
      const ptr = edge(cut);
      memory.copy(ptr, packet, cut);
      decode(ptr, cut, LayerKind.Ethernet, records, CAP);
      noise(ptr, cut, cut);
      decode(ptr, cut, LayerKind.Ipv4, records, CAP);
    }
  });
});
