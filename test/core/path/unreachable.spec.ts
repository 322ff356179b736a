import { Status } from "../../../assembly/base/status";
import { BurstAt } from "../../../assembly/path/burst";
import { DescFlag } from "../../../assembly/path/desc";
import { Element } from "../../../assembly/path/element";
import { PortKind } from "../../../assembly/table/port";
import { Ipv4, PROTOCOL_UDP } from "../../../assembly/wire/ipv4";
import { counted, openNode, setPort } from "../table/node";
import { openBurst, pushAt, roomFor, run } from "./packets";

let node: usize = 0;
let burst: usize = 0;

describe("tellUnreachable", () => {
  beforeEach(() => {
    node = openNode();
    setPort(node, 0, PortKind.UdpTunnel);
    burst = openBurst(node);
    store<u32>(burst, 0, BurstAt.Port);
  });

  it("is silent where it has no address to speak from", () => {
    const ptr = roomFor(node, burst);
    memory.fill(ptr, 0, 40);
    Ipv4.at(ptr).emit(40, 64, PROTOCOL_UDP, 0x0a010001, 0x0a020001);
    pushAt(burst, ptr, 40, DescFlag.L3);
    expect<i32>(run(node, burst, Element.UdpEncap)).toBe(0);
    expect<u64>(counted(node, Status.NoRoute)).toBe(1);
    expect<u64>(counted(node, Status.ErrorSuppressed)).toBe(1);
  });
});
