import { Status } from "../../../assembly/base/status";
import { fdbLearn } from "../../../assembly/table/fdb";
import { PortFlag, PortKind } from "../../../assembly/table/port";
import { openNode, place, setDomain, setPort } from "./node";

const MAC_2: u64 = 0x020000000002;

let node: usize = 0;

describe("fdbLearn", () => {
  beforeEach(() => {
    node = openNode();
    setDomain(node, 0);
    setPort(node, 0, PortKind.Ethernet, 0);
    setPort(node, 1, PortKind.Ethernet, 0, PortFlag.Sticky);
  });

  it("keeps at a sticky port what moves there", () => {
    expect<i32>(fdbLearn(node, 0, MAC_2, place(0), 1)).toBe(Status.Ok);
    expect<i32>(fdbLearn(node, 0, MAC_2, place(1), 1)).toBe(Status.StationMoved);
    expect<i32>(fdbLearn(node, 0, MAC_2, place(0), 1)).toBe(Status.Exists);
  });
});
