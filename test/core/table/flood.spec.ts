import { floodTaken } from "../../../assembly/table/flood";
import { PortKind } from "../../../assembly/table/port";
import { openNode, place, setDomain, setFlood, setPort } from "./node";

let node: usize = 0;

describe("floodTaken", () => {
  beforeEach(() => {
    node = openNode();
    setDomain(node, 0);
    setPort(node, 0, PortKind.Ethernet, 0);
  });

  it("ends behind the last entry, whatever the cursor", () => {
    setFlood(node, 0, place(0));
    expect<u32>(floodTaken(node, 0)).toBe(1);
    for (let cursor: u32 = 1; cursor != 0; cursor <<= 1) {
      expect<u32>(floodTaken(node, cursor)).toBe(0);
      expect<u32>(floodTaken(node, ~cursor | 0x80000000)).toBe(0);
    }
  });
});
