import { Status } from "../../../assembly/base/status";
import {
  LeaseAt,
  LeaseConfigAt,
  LeaseRule,
  leaseComplete,
  leaseFits,
  leaseOverlap,
  leaseOwn,
  leasePick,
} from "../../../assembly/table/lease";
import { dirty, hexOf, isDirty } from "../bytes";

const COUNT_MAX: u32 = 256;
const TOP: u32 = 0xffffffff;

const cfg: usize = memory.data(LeaseConfigAt.End, 8);
const recs: usize = memory.data(<i32>(COUNT_MAX * LeaseAt.End), 8);
const out: usize = memory.data(LeaseAt.End + 16, 8);

let count: u32 = 0;

function config(network: u32, len: u32, subnetLen: u32 = 0, first: u32 = 0, last: u32 = 0): i32 {
  memory.fill(cfg, 0, LeaseConfigAt.End);
  store<u16>(cfg, 4, LeaseConfigAt.Family);
  store<u16>(cfg, <u16>len, LeaseConfigAt.NetworkLen);
  store<u16>(cfg, <u16>subnetLen, LeaseConfigAt.SubnetLen);
  store<u32>(cfg, bswap<u32>(network), LeaseConfigAt.Network);
  store<u32>(cfg, bswap<u32>(first), LeaseConfigAt.SubnetMin);
  store<u32>(cfg, bswap<u32>(last), LeaseConfigAt.SubnetMax);
  count = 0;
  return leaseComplete(cfg);
}

function network(): u32 {
  return bswap<u32>(load<u32>(cfg, LeaseConfigAt.Network));
}

function subnetLen(): u32 {
  return load<u16>(cfg, LeaseConfigAt.SubnetLen);
}

function subnetMin(): u32 {
  return bswap<u32>(load<u32>(cfg, LeaseConfigAt.SubnetMin));
}

function subnetMax(): u32 {
  return bswap<u32>(load<u32>(cfg, LeaseConfigAt.SubnetMax));
}

/** One more lease, and where it lies. */
function lease(address: u32, len: u32, publicIp: u32 = 0): usize {
  const rec = recs + count * LeaseAt.End;
  memory.fill(rec, 0, LeaseAt.End);
  store<u16>(rec, 4, LeaseAt.Family);
  store<u16>(rec, <u16>len, LeaseAt.Len);
  store<u32>(rec, bswap<u32>(address), LeaseAt.Address);
  store<u32>(rec, bswap<u32>(publicIp), LeaseAt.PublicIp);
  count += 1;
  return rec;
}

function pick(dice: u32 = 0): i32 {
  return leasePick(cfg, recs, count, dice, out);
}

function picked(): u32 {
  return bswap<u32>(load<u32>(out, LeaseAt.Address));
}

describe("a network config", () => {
  it("gets what it left out", () => {
    expect<i32>(config(0x0a030000, 16)).toBe(LeaseRule.None); // 10.3.0.0/16
    expect<u32>(subnetLen()).toBe(24);
    expect<u32>(subnetMin()).toBe(0x0a030100);
    expect<u32>(subnetMax()).toBe(0x0a03ff00);
  });

  it("loses its host bits, and no more of it changes when it is whole", () => {
    expect<i32>(config(0x0a050709, 16)).toBe(LeaseRule.None);
    expect<u32>(network()).toBe(0x0a050000);
    const before = hexOf(cfg, LeaseConfigAt.End);
    expect<i32>(leaseComplete(cfg)).toBe(LeaseRule.None);
    expect<string>(hexOf(cfg, LeaseConfigAt.End)).toBe(before);
  });

  it("derives subnets of 24 bits, or of two more than the network's", () => {
    for (let len: u32 = 1; len <= 28; len++) {
      expect<i32>(config(0x0a000000, len)).toBe(LeaseRule.None);
      expect<u32>(subnetLen()).toBe(len <= 22 ? 24 : len + 2);
      const size = (<u32>1) << (32 - subnetLen());
      expect<u32>(subnetMin()).toBe(network() + size);
      expect<u32>(subnetMax()).toBe(network() + (<u32>(<u64>TOP >> len) - size + 1));
    }
    for (let len: u32 = 29; len <= 32; len++) {
      expect<i32>(config(0x0a000000, len)).toBe(LeaseRule.NetworkTooLong);
    }
  });

  it("has four subnets at least, of 30 bits at most", () => {
    for (let len: u32 = 1; len <= 32; len++) {
      for (let given: u32 = 1; given < 40; given++) {
        const few = given < len + 2 ? LeaseRule.TooFewSubnets : LeaseRule.None;
        const rule = given > 30 ? LeaseRule.SubnetTooLong : few;
        expect<i32>(config(0x0a000000, len, given)).toBe(rule);
      }
    }
    expect<i32>(config(0x0a000000, 8, 0xffff)).toBe(LeaseRule.SubnetTooLong);
  });

  it("is empty without a length, whatever the address", () => {
    expect<i32>(config(0, 0)).toBe(LeaseRule.NoNetwork);
    expect<i32>(config(0x0a000000, 0, 31, 1, 1)).toBe(LeaseRule.NoNetwork);
    expect<i32>(config(0, 8)).toBe(LeaseRule.None);
  });

  it("breaks the first rule in flannel's order", () => {
    const inside: u32 = 0x0a020001; // and unaligned
    expect<i32>(config(0x0a020000, 16, 31, 1, 1)).toBe(LeaseRule.SubnetTooLong);
    expect<i32>(config(0x0a020000, 16, 17, 1, 1)).toBe(LeaseRule.TooFewSubnets);
    expect<i32>(config(0x0a020000, 16, 0, 1, 1)).toBe(LeaseRule.MinOutside);
    expect<i32>(config(0x0a020000, 16, 0, inside, 1)).toBe(LeaseRule.MaxOutside);
    expect<i32>(config(0x0a020000, 16, 0, inside, inside)).toBe(LeaseRule.MinUnaligned);
    expect<i32>(config(0x0a020000, 16, 0, 0x0a020000, inside)).toBe(LeaseRule.MaxUnaligned);
    expect<i32>(config(0x0a020000, 16, 0, 0x0a020500, 0x0a020300)).toBe(LeaseRule.None);
  });

  it("that breaks a rule is left as it was", () => {
    config(0x0a020304, 16, 0, 0, 0x0a020001);
    expect<u32>(network()).toBe(0x0a020304);
    expect<u32>(subnetLen()).toBe(0);
    expect<u32>(subnetMin()).toBe(0);
  });

  it("tells the neighbors of its network from its own", () => {
    expect<i32>(config(0x0a020000, 16, 0, 0x0a01ff00)).toBe(LeaseRule.MinOutside);
    expect<i32>(config(0x0a020000, 16, 0, 0x0a030000)).toBe(LeaseRule.MinOutside);
    expect<i32>(config(0x0a020000, 16, 0, 0x0a020000)).toBe(LeaseRule.None);
    expect<i32>(config(0x0a020000, 16, 0, 0, 0x0a030000)).toBe(LeaseRule.MaxOutside);
    expect<i32>(config(0x0a020000, 16, 0, 0, 0x0a01ff00)).toBe(LeaseRule.MaxOutside);
    expect<i32>(config(0x0a020000, 16, 0, 0, 0x0a02ff00)).toBe(LeaseRule.None);
  });
});

describe("leaseFits", () => {
  it("asks for the length, and for min to max, both of them included", () => {
    config(0x0a020000, 16, 0, 0x0a020100, 0x0a021400);
    expect<bool>(leaseFits(cfg, lease(0x0a020100, 24))).toBe(true);
    expect<bool>(leaseFits(cfg, lease(0x0a021400, 24))).toBe(true);
    expect<bool>(leaseFits(cfg, lease(0x0a020000, 24))).toBe(false);
    expect<bool>(leaseFits(cfg, lease(0x0a021500, 24))).toBe(false);
    expect<bool>(leaseFits(cfg, lease(0x0a020100, 25))).toBe(false);
    expect<bool>(leaseFits(cfg, lease(0x0a020200, 23))).toBe(false);
  });
});

describe("leaseOwn", () => {
  it("prefers the first that fits, and takes what there is", () => {
    config(0x0a020000, 16);
    expect<i32>(leaseOwn(cfg, recs, 0, 7)).toBe(Status.NotFound);
    lease(0x0a020100, 24, 6);
    lease(0x0b020100, 24, 7);
    expect<i32>(leaseOwn(cfg, recs, count, 7)).toBe(1);
    lease(0x0b020200, 24, 7);
    expect<i32>(leaseOwn(cfg, recs, count, 7)).toBe(1);
    lease(0x0a020300, 24, 7);
    lease(0x0a020400, 24, 7);
    expect<i32>(leaseOwn(cfg, recs, count, 7)).toBe(3);
    expect<i32>(leaseOwn(cfg, recs, count, 8)).toBe(Status.NotFound);
    expect<i32>(leaseOwn(cfg, recs, 1, 7)).toBe(Status.NotFound);
    expect<i32>(leaseOwn(cfg, recs + LeaseAt.End, 2, 7)).toBe(0); // neither of them fits
  });
});

describe("leasePick", () => {
  it("writes the whole record, and nothing behind it", () => {
    config(0x0a020000, 16);
    dirty(out, LeaseAt.End + 16);
    expect<i32>(pick()).toBe(100);
    const zeros = "0".repeat(2 * (LeaseAt.End - 12));
    expect<string>(hexOf(out, LeaseAt.End)).toBe(`04001800000000000a020100${zeros}`);
    expect<bool>(isDirty(out + LeaseAt.End, 16)).toBe(true);
  });

  it("leaves everything alone when nothing is free", () => {
    config(0x0a020000, 16);
    lease(0x0a000000, 8);
    dirty(out, LeaseAt.End);
    expect<i32>(pick()).toBe(Status.OutOfSubnets);
    expect<bool>(isDirty(out, LeaseAt.End)).toBe(true);
  });

  it("draws among the first hundred, by the dice", () => {
    config(0x0a020000, 16);
    for (let nth: u32 = 0; nth < 100; nth++) {
      const least = <u32>((((<u64>nth) << 32) + 99) / 100);
      expect<i32>(pick(least)).toBe(100);
      expect<u32>(picked()).toBe(0x0a020100 + (nth << 8));
      if (nth == 0) continue;
      pick(least - 1);
      expect<u32>(picked()).toBe(0x0a020000 + (nth << 8));
    }
    pick(TOP);
    expect<u32>(picked()).toBe(0x0a026400);
  });

  it("gives twenty subnets from min to max, and then no more", () => {
    config(0x0a020000, 16, 0, 0x0a020100, 0x0a021400);
    for (let left = 20; left > 0; left--) {
      expect<i32>(pick(0x9e3779b9 * <u32>left)).toBe(left);
      expect<i32>(leaseOverlap(recs, count, out)).toBe(Status.NotFound);
      expect<bool>(leaseFits(cfg, out)).toBe(true);
      lease(picked(), 24);
    }
    expect<i32>(pick()).toBe(Status.OutOfSubnets);
  });

  it("is kept out by leases of other lengths", () => {
    config(0x0a020000, 16, 0, 0x0a020100, 0x0a020400);
    lease(0x0a020100, 32);
    expect<i32>(pick()).toBe(3);
    lease(0x0a020280, 25);
    expect<i32>(pick()).toBe(2);
    expect<u32>(picked()).toBe(0x0a020300);
    lease(0x0a020000, 22);
    expect<i32>(pick(TOP)).toBe(1);
    expect<u32>(picked()).toBe(0x0a020400);
    lease(0, 0);
    expect<i32>(pick()).toBe(Status.OutOfSubnets);
  });

  it("has nothing to draw from min above max", () => {
    expect<i32>(config(0x0a020000, 16, 0, 0x0a020500, 0x0a020400)).toBe(LeaseRule.None);
    expect<i32>(pick()).toBe(Status.OutOfSubnets);
  });

  it("ends where addresses end", () => {
    expect<i32>(config(0xfffffff0, 28)).toBe(LeaseRule.None);
    expect<u32>(subnetMax()).toBe(0xfffffffc);
    for (let left = 3; left > 0; left--) {
      expect<i32>(pick(TOP)).toBe(left);
      expect<u32>(picked()).toBe(0xfffffff0 + 4 * <u32>left);
      lease(picked(), 30);
    }
    expect<i32>(pick()).toBe(Status.OutOfSubnets);
    config(0x80000000, 1, 30, TOP - 3, TOP - 3);
    expect<i32>(pick()).toBe(1);
    lease(TOP, 32);
    expect<i32>(pick()).toBe(Status.OutOfSubnets);
  });

  it("goes on behind what covers more than it looks at in one go", () => {
    config(0x80000000, 1, 30, 0x80000000); // 2^29 subnets
    lease(0x80000000, 2);
    expect<i32>(pick()).toBe(100);
    expect<u32>(picked()).toBe(0xc0000000);
    lease(0xc0000000, 3);
    lease(0xe0000000, 15);
    lease(0xe0020000, 16); // half of what it looks at
    lease(0xe0030000, 25);
    expect<i32>(pick()).toBe(100);
    expect<u32>(picked()).toBe(0xe0030080);
  });

  it("looks at the first subnet of what it looks at in one go", () => {
    config(0x80000000, 1, 30, 0x80010000);
    lease(0x80010000, 30);
    expect<i32>(pick()).toBe(100);
    expect<u32>(picked()).toBe(0x80010004);
  });

  it("counts what is free on both sides of a border", () => {
    config(0x80000000, 1, 30, 0x8000ffc0); // sixteen below a border of 2^14 subnets
    lease(0x80010000, 30);
    lease(0x80010004, 31);
    expect<i32>(pick(TOP)).toBe(100);
    expect<u32>(picked()).toBe(0x80010000 + (2 + 83) * 4);
  });
});

describe("leaseOverlap", () => {
  it("compares under the shorter of two prefixes", () => {
    config(0, 8);
    lease(0x0a020100, 24);
    lease(0x0a030000, 16);
    const rec = out;
    for (let len: u32 = 0; len <= 32; len++) {
      memory.copy(rec, lease(0x0a020100 & ~(<u32>(<u64>TOP >> len)), len), LeaseAt.End);
      expect<i32>(leaseOverlap(recs, 2, rec)).toBe(0);
      memory.copy(rec, lease((0x0a020100 ^ 0x100) & ~(<u32>(<u64>TOP >> len)), len), LeaseAt.End);
      expect<i32>(leaseOverlap(recs, 2, rec)).toBe(len < 24 ? 0 : Status.NotFound);
    }
    expect<i32>(leaseOverlap(recs, 2, lease(0x0a03ffff, 32))).toBe(1);
    expect<i32>(leaseOverlap(recs, 0, rec)).toBe(Status.NotFound);
  });
});
