import { Status } from "../../../assembly/base/status";
import { Verdict } from "../../../assembly/path/desc";
import { Ipv4, PROTOCOL_TCP, PROTOCOL_UDP } from "../../../assembly/wire/ipv4";
import { HERE, openBurst, setOptions, THERE } from "./packets";

import { begin, node, push, verdict } from "./routed";

/** A fragment of `payloadLen` bytes that begins at `offset`. */
function fateOfFragment(protocol: u32, offset: u32, payloadLen: u32, hasMore: bool = true): i32 {
  openBurst(node);
  const ip = Ipv4.at(push(THERE, 20 + payloadLen).ptr + 14);
  ip.emit(20 + payloadLen, 64, protocol, HERE, THERE);
  ip.setFragment(offset, hasMore);
  return verdict();
}

/** A packet with these options. */
function fateOfOptions(options: string): i32 {
  openBurst(node);
  setOptions(push().ptr + 14, options);
  return verdict();
}

describe("route, of what filters look at,", () => {
  beforeEach(begin);

  it("drops fragments that hide ports or flags (RFC 1858)", () => {
    expect<i32>(fateOfFragment(PROTOCOL_TCP, 0, 8)).toBe(Status.TinyFragment);
    expect<i32>(fateOfFragment(PROTOCOL_TCP, 0, 16)).toBe(Verdict.Consumed);
    expect<i32>(fateOfFragment(PROTOCOL_TCP, 8, 16)).toBe(Status.TinyFragment);
    expect<i32>(fateOfFragment(PROTOCOL_TCP, 16, 8)).toBe(Verdict.Consumed);
    expect<i32>(fateOfFragment(PROTOCOL_UDP, 0, 7)).toBe(Status.TinyFragment);
    expect<i32>(fateOfFragment(PROTOCOL_UDP, 0, 8)).toBe(Verdict.Consumed);
    expect<i32>(fateOfFragment(PROTOCOL_UDP, 8, 1)).toBe(Verdict.Consumed);
    expect<i32>(fateOfFragment(PROTOCOL_TCP, 0, 8, false)).toBe(Verdict.Consumed);
    expect<i32>(fateOfFragment(PROTOCOL_TCP, 8, 8, false)).toBe(Status.TinyFragment);
  });

  it("drops a fragment that reaches beyond the longest packet, which would begin it anew", () => {
    expect<i32>(fateOfFragment(PROTOCOL_UDP, 65504, 8, false)).toBe(Verdict.Consumed);
    expect<i32>(fateOfFragment(PROTOCOL_UDP, 65504, 11, false)).toBe(Verdict.Consumed);
    expect<i32>(fateOfFragment(PROTOCOL_UDP, 65504, 12, false)).toBe(Status.BadLength);
    expect<i32>(fateOfFragment(PROTOCOL_UDP, 65528, 64)).toBe(Status.BadLength);
  });

  it("drops what wants to choose its route, and what is no option", () => {
    expect<i32>(fateOfOptions("01010100")).toBe(Verdict.Consumed);
    expect<i32>(fateOfOptions("8307040000000000")).toBe(Status.SourceRoute);
    expect<i32>(fateOfOptions("8907040000000000")).toBe(Status.SourceRoute);
    expect<i32>(fateOfOptions("44050000")).toBe(Status.BadOption);
  });
});
