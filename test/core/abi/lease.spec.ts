import {
  lease_compatible,
  lease_config_check,
  lease_overlap,
  lease_own,
  lease_pick,
} from "../../../assembly/abi/lease";
import { nodeAt } from "../../../assembly/base/node";
import { Status } from "../../../assembly/base/status";
import { LeaseAt, LeaseConfigAt, LeaseRule } from "../../../assembly/table/lease";
import { dirty, isDirty } from "../bytes";
import { openNode } from "../table/node";

const NETWORK: u32 = 0x0a020000; // 10.2.0.0
const OWN: u32 = 0xc0a80001; // above 2^31

let node: usize = 0;
let cfg: usize = 0;
let recs: usize = 0;
let out: usize = 0;

function config(): usize {
  memory.fill(cfg, 0, LeaseConfigAt.End);
  store<u16>(cfg, 4, LeaseConfigAt.Family);
  store<u16>(cfg, 16, LeaseConfigAt.NetworkLen);
  store<u32>(cfg, bswap<u32>(NETWORK), LeaseConfigAt.Network);
  return cfg;
}

function lease(index: u32, address: u32): usize {
  const rec = recs + index * LeaseAt.End;
  memory.fill(rec, 0, LeaseAt.End);
  store<u16>(rec, 4, LeaseAt.Family);
  store<u16>(rec, 24, LeaseAt.Len);
  store<u32>(rec, bswap<u32>(address), LeaseAt.Address);
  store<u32>(rec, bswap<u32>(OWN), LeaseAt.PublicIp);
  return rec;
}

describe("lease calls", () => {
  beforeEach(() => {
    node = openNode();
    cfg = <usize>load<u32>(node, nodeAt.SCRATCH);
    out = cfg + 64;
    recs = out + 64;
    config();
    lease(0, NETWORK + 0x100);
    lease(1, NETWORK + 0x200);
    dirty(out, LeaseAt.End);
  });

  it("fill a config in, or say which rule it breaks", () => {
    expect<i32>(lease_config_check(cfg)).toBe(Status.Ok);
    expect<u32>(load<u16>(cfg, LeaseConfigAt.SubnetLen)).toBe(24);
    store<u16>(cfg, 31, LeaseConfigAt.SubnetLen);
    expect<i32>(lease_config_check(cfg)).toBe(Status.BadConfig);
    expect<u32>(load<u16>(cfg, LeaseConfigAt.Rule)).toBe(LeaseRule.SubnetTooLong);
    store<u16>(cfg, 24, LeaseConfigAt.SubnetLen);
    expect<i32>(lease_config_check(cfg)).toBe(Status.Ok);
    expect<u32>(load<u16>(cfg, LeaseConfigAt.Rule)).toBe(LeaseRule.None);
  });

  it("answer with a config that is not whole yet", () => {
    expect<i32>(lease_compatible(cfg, recs)).toBe(1);
    expect<i32>(lease_compatible(config(), lease(0, NETWORK))).toBe(0);
    expect<i32>(lease_own(config(), recs, 2, OWN)).toBe(1);
    expect<i32>(lease_pick(config(), recs, 2, 0, out)).toBe(100);
    expect<u32>(load<u32>(out, LeaseAt.Address)).toBe(bswap<u32>(NETWORK + 0x100));
    expect<i32>(lease_overlap(recs, 2, out)).toBe(Status.NotFound);
    expect<i32>(lease_overlap(recs, 2, recs + LeaseAt.End)).toBe(1);
    expect<i32>(lease_pick(config(), recs, 0, 0, out)).toBe(100);
  });

  it("answer BadConfig with one that breaks a rule, and write its rule alone", () => {
    store<u16>(cfg, 29, LeaseConfigAt.NetworkLen);
    expect<i32>(lease_compatible(cfg, recs)).toBe(Status.BadConfig);
    expect<i32>(lease_own(cfg, recs, 2, OWN)).toBe(Status.BadConfig);
    expect<i32>(lease_pick(cfg, recs, 2, 0, out)).toBe(Status.BadConfig);
    expect<u32>(load<u16>(cfg, LeaseConfigAt.Rule)).toBe(LeaseRule.NetworkTooLong);
    expect<bool>(isDirty(out, LeaseAt.End)).toBe(true);
  });

  it("refuse a config of other than IPv4", () => {
    const places: i32[] = [
      LeaseConfigAt.Family,
      LeaseConfigAt.NetworkLen + 1,
      LeaseConfigAt.Network + 4,
      LeaseConfigAt.SubnetMin + 15,
      LeaseConfigAt.SubnetMax + 4,
      LeaseConfigAt.SubnetMax + 16,
      LeaseConfigAt.End - 1,
    ];
    for (let i = 0; i < places.length; i++) {
      store<u8>(config() + places[i], 33);
      expect<i32>(lease_config_check(cfg)).toBe(Status.BadArgument);
      expect<i32>(lease_pick(cfg, recs, 2, 0, out)).toBe(Status.BadArgument);
      expect<i32>(lease_own(cfg, recs, 2, OWN)).toBe(Status.BadArgument);
      expect<i32>(lease_compatible(cfg, recs)).toBe(Status.BadArgument);
    }
    store<u16>(config(), 33, LeaseConfigAt.NetworkLen);
    expect<i32>(lease_config_check(cfg)).toBe(Status.BadArgument);
    store<u16>(config(), 32, LeaseConfigAt.NetworkLen);
    expect<i32>(lease_config_check(cfg)).toBe(Status.BadConfig);
    store<u16>(config(), 0xffff, LeaseConfigAt.Rule); // what a call wrote is no input
    expect<i32>(lease_config_check(cfg)).toBe(Status.Ok);
  });

  it("refuse a lease that is none, wherever it stands, and write nothing", () => {
    const places: i32[] = [
      LeaseAt.Family,
      LeaseAt.Len,
      LeaseAt.Len + 2,
      LeaseAt.Flags,
      LeaseAt.Address + 3,
      LeaseAt.Address + 4,
      LeaseAt.PublicIp + 4,
    ];
    for (let i = 0; i < places.length; i++) {
      store<u8>(lease(1, NETWORK) + places[i], 33);
      expect<i32>(lease_pick(config(), recs, 2, 0, out)).toBe(Status.BadArgument);
      expect<i32>(lease_own(cfg, recs, 2, OWN)).toBe(Status.BadArgument);
      expect<i32>(lease_compatible(cfg, recs + LeaseAt.End)).toBe(Status.BadArgument);
      expect<i32>(lease_overlap(recs, 2, recs)).toBe(Status.BadArgument);
      expect<i32>(lease_overlap(recs, 1, recs + LeaseAt.End)).toBe(Status.BadArgument);
      expect<u32>(load<u16>(cfg, LeaseConfigAt.SubnetLen)).toBe(0);
      expect<bool>(isDirty(out, LeaseAt.End)).toBe(true);
    }
    store<u16>(lease(1, NETWORK), 1, LeaseAt.Flags);
    expect<i32>(lease_overlap(recs, 2, recs + LeaseAt.End)).toBe(1);
  });

  it("refuse no address for an own one", () => {
    expect<i32>(lease_own(cfg, recs, 2, 0)).toBe(Status.BadArgument);
  });

  it("refuse ranges where no host may write", () => {
    expect<i32>(lease_config_check(cfg + 2)).toBe(Status.BadArgument);
    expect<i32>(lease_config_check(node)).toBe(Status.BadArgument);
    expect<i32>(lease_pick(cfg, recs, 2, 0, node)).toBe(Status.BadArgument);
    expect<i32>(lease_pick(cfg, recs, 0x10000000, 0, out)).toBe(Status.BadArgument);
    expect<i32>(lease_pick(cfg, recs, 0x05555556, 0, out)).toBe(Status.BadArgument);
    expect<i32>(lease_own(cfg, recs + 1, 2, OWN)).toBe(Status.BadArgument);
    expect<i32>(lease_overlap(recs, 2, 0)).toBe(Status.BadArgument);
    expect<i32>(lease_compatible(0, recs)).toBe(Status.BadArgument);
    expect<u32>(load<u16>(cfg, LeaseConfigAt.SubnetLen)).toBe(0);
  });
});
