import {
  TUNNEL_OVERHEAD_LEN,
  UDP_IMAGE_LEN,
  UDP_TUNNEL_OVERHEAD_LEN,
  VXLAN_IMAGE_LEN,
} from "../../../assembly/wire/overhead";

describe("overhead", () => {
  it("leaves the MTU that flannel leaves on a link of 1500", () => {
    expect<u32>(1500 - TUNNEL_OVERHEAD_LEN).toBe(1450);
    expect<u32>(1500 - UDP_TUNNEL_OVERHEAD_LEN).toBe(1472);
  });

  it("is where the inner bytes begin in frames that Linux sent", () => {
    expect<u32>(VXLAN_IMAGE_LEN).toBe(0x32); // lab B, underlay, packet 4: inner Ethernet
    expect<u32>(UDP_IMAGE_LEN).toBe(0x2a); // lab C, underlay, packet 3: inner IPv4
  });
});
