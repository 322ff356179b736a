// The outer DS field and congestion marks of a tunnel (RFC 6040).
import { Status } from "../base/status";
import { Port, PortFlag, TosMode } from "../table/port";

const ECN_MASK: u32 = 3;
const ECT_1: u32 = 1;
const ECT_0: u32 = 2;
const CE: u32 = 3;

/** The outer DS field over an inner one (RFC 6040, section 4.1, normal mode). */
export function outerTos(port: Port, innerTos: u32): u32 {
  const flags = port.flags;
  const dscp = (port.tosMode == TosMode.Inherit ? innerTos : port.tos) & ~ECN_MASK;
  if ((flags & PortFlag.Ecn) == 0) return dscp;
  const ecn = innerTos & ECN_MASK;
  // Linux resets a mark that the packet brings along to ECT(0).
  if (ecn == CE && (flags & PortFlag.LinuxMode) != 0) return dscp | ECT_0;
  return dscp | ecn;
}

/**
 * The inner DS field after decapsulation (RFC 6040, section 4.2, figure 4), or EcnMismatch for a
 * packet that must go: marked on the way though its sender cannot understand marks.
 */
export function innerTosAfter(port: Port, outer: u32, inner: u32): i32 {
  if ((port.flags & PortFlag.Ecn) == 0) return <i32>inner;
  const mark = outer & ECN_MASK;
  const ecn = inner & ECN_MASK;
  if (mark == CE) return ecn == 0 ? Status.EcnMismatch : <i32>(inner | CE);
  if (mark == ECT_1 && ecn == ECT_0) return <i32>((inner & ~ECN_MASK) | ECT_1);
  return <i32>inner;
}
