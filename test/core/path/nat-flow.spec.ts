import { advance, nodeAt } from "../../../assembly/base/node";
import { Status } from "../../../assembly/base/status";
import { BurstAt } from "../../../assembly/path/burst";
import { DescFlag, Verdict } from "../../../assembly/path/desc";
import { ConnAt, ConnState } from "../../../assembly/table/conn";
import { PortKind, portSet } from "../../../assembly/table/port";
import { RuleAction, RuleAt, RuleFlag, RuleHook, ruleSet } from "../../../assembly/table/rule";
import { connBefore, connNext } from "../../../assembly/table/track";
import { Icmp } from "../../../assembly/wire/icmp";
import { Ipv4 } from "../../../assembly/wire/ipv4";
import { TCP_ACK, TCP_FIN, TCP_RST, TCP_SYN } from "../../../assembly/wire/tcp";
import { Udp } from "../../../assembly/wire/udp";
import { portRecord, ruleRecord, used } from "../table/node";
import {
  after,
  before,
  begin,
  burst,
  CLIENT,
  CONTAINER,
  endsOf,
  HOST,
  INSIDE,
  node,
  OTHER,
  OUTSIDE,
  onward,
  PACKET_LEN,
  pushEcho,
  pushError,
  pushTcp,
  pushUdp,
  SERVER,
  sent,
} from "./translated";

/** The port that a datagram leaves by, or 0. */
function portOf(from: u32, port: u32): u32 {
  pushUdp(from, port, SERVER, 53);
  return after(OUTSIDE) == Verdict.Consumed ? Udp.at(sent().payload).srcPort : 0;
}

/** The identifier that an echo leaves with. */
function idOf(from: u32, id: u32): u32 {
  pushEcho(from, SERVER, 8, id);
  expect<i32>(after(OUTSIDE)).toBe(Verdict.Consumed);
  return Icmp.at(sent().payload).id;
}

function masquerade(flags: u32, toPort: u32 = 0): void {
  const action: u32 = toPort == 0 ? RuleAction.Masquerade : RuleAction.Snat;
  const rec = ruleRecord(1, RuleHook.Postrouting, action);
  store<u16>(rec, <u16>flags, RuleAt.Flags);
  store<u8>(rec, 17, RuleAt.Protocol);
  store<u16>(rec, <u16>toPort, RuleAt.ToPort);
  if (toPort != 0) store<u32>(rec, SERVER + 1, RuleAt.ToAddress);
  ruleSet(node, rec);
}

/** The state of the one flow, after a segment from the container or to it. */
function stateAfter(isOut: bool, flags: u32): u32 {
  if (isOut) pushTcp(CONTAINER, 5000, SERVER, 80, flags);
  else pushTcp(SERVER, 80, HOST, 5000, flags);
  const verdict = isOut ? after(OUTSIDE) : before(OUTSIDE);
  expect<i32>(verdict).toBe(Verdict.Consumed);
  expect<u32>(used(node, nodeAt.CONN)).toBe(1);
  return load<u8>(connBefore(node, connNext(node, 0)), ConnAt.State);
}

describe("nat, of source ports,", () => {
  beforeEach(begin);

  it("keeps what is free, and draws another of its kind where it is not", () => {
    expect<u32>(portOf(CONTAINER, 5000)).toBe(5000);
    const user = portOf(OTHER, 5000);
    expect<bool>(user >= 1024 && user != 5000).toBe(true);
    expect<u32>(portOf(CONTAINER, 1023)).toBe(1023);
    const system = portOf(OTHER, 1023);
    expect<bool>(system >= 600 && system < 1023).toBe(true);
    expect<u32>(portOf(CONTAINER, 511)).toBe(511);
    const low = portOf(OTHER, 511);
    expect<bool>(low != 0 && low < 511).toBe(true);
    expect<u32>(portOf(OTHER, 5000)).toBe(user); // and it keeps it
  });

  it("draws by the dice, where a rule wants it", () => {
    masquerade(RuleFlag.RandomPort);
    expect<u32>(portOf(CONTAINER, 5000)).not.toBe(5000);
    const first = portOf(CONTAINER, 5001);
    begin();
    masquerade(RuleFlag.RandomPort);
    expect<u32>(portOf(CONTAINER, 5001)).toBe(first);
    begin();
    masquerade(RuleFlag.RandomPort);
    pushUdp(CONTAINER, 5001, SERVER, 53);
    store<u32>(burst, 99, BurstAt.Dice);
    after(OUTSIDE);
    expect<u32>(Udp.at(sent().payload).srcPort).not.toBe(first);
  });

  it("gives the port that a rule names, to one flow", () => {
    masquerade(0, 7000);
    expect<u32>(portOf(CONTAINER, 5000)).toBe(7000);
    expect<u32>(sent().src).toBe(SERVER + 1);
    expect<u32>(portOf(OTHER, 5000)).toBe(0);
  });

  it("gives echoes identifiers, and replies theirs back", () => {
    expect<u32>(idOf(CONTAINER, 77)).toBe(77);
    const drawn = idOf(OTHER, 77);
    expect<u32>(drawn).not.toBe(77);
    pushEcho(SERVER, HOST, 0, drawn);
    expect<i32>(before(OUTSIDE)).toBe(Verdict.Consumed);
    expect<u32>(sent().dst).toBe(OTHER);
    expect<u32>(Icmp.at(sent().payload).id).toBe(77);
  });

  it("has nothing to give where the port has no address", () => {
    portSet(node, portRecord(OUTSIDE, PortKind.Ip));
    pushUdp(CONTAINER, 5000, SERVER, 53);
    expect<i32>(after(OUTSIDE)).toBe(Status.Martian);
  });

  it("refuses a flow with the ends of another", () => {
    pushTcp(CLIENT, 5000, HOST, 8080, TCP_SYN);
    expect<i32>(before(OUTSIDE)).toBe(Verdict.Consumed);
    pushTcp(CLIENT, 5000, CONTAINER, 80, TCP_SYN); // as it is behind its translation
    expect<i32>(before(OUTSIDE)).toBe(Status.NoRoom);
  });

  it("refuses a new flow where there is no room, until one has gone silent", () => {
    for (let port: u32 = 1; port <= 8; port++) expect<u32>(portOf(CONTAINER, port)).toBe(port);
    expect<u32>(portOf(CONTAINER, 9)).toBe(0);
    expect<u32>(portOf(CONTAINER, 8)).toBe(8);
    advance(node, 30000);
    expect<u32>(portOf(CONTAINER, 9)).toBe(9);
  });
});

describe("nat, of connections,", () => {
  beforeEach(begin);

  it("knows how far they are", () => {
    expect<u32>(stateAfter(true, TCP_SYN)).toBe(ConnState.New);
    expect<u32>(stateAfter(true, TCP_SYN)).toBe(ConnState.New);
    expect<u32>(stateAfter(false, TCP_SYN | TCP_ACK)).toBe(ConnState.Replied);
    expect<u32>(stateAfter(true, TCP_SYN)).toBe(ConnState.Replied);
    expect<u32>(stateAfter(false, TCP_ACK)).toBe(ConnState.Replied);
    expect<u32>(stateAfter(true, TCP_ACK)).toBe(ConnState.Assured);
    expect<u32>(stateAfter(false, TCP_ACK)).toBe(ConnState.Assured);
    expect<u32>(stateAfter(false, TCP_FIN | TCP_ACK)).toBe(ConnState.Closing);
    expect<u32>(stateAfter(true, TCP_ACK)).toBe(ConnState.Closing);
    expect<u32>(stateAfter(true, TCP_RST)).toBe(ConnState.Closed);
    expect<u32>(stateAfter(false, TCP_FIN | TCP_ACK)).toBe(ConnState.Closed);
  });

  it("begins one anew with the ports of one that has ended, if its side does", () => {
    stateAfter(true, TCP_SYN);
    expect<u32>(stateAfter(true, TCP_FIN)).toBe(ConnState.Closing);
    expect<u32>(stateAfter(true, TCP_SYN | TCP_ACK)).toBe(ConnState.Closing);
    expect<u32>(stateAfter(false, TCP_SYN)).toBe(ConnState.Closing);
    expect<u32>(stateAfter(true, TCP_SYN)).toBe(ConnState.New);
    expect<u32>(stateAfter(true, TCP_RST)).toBe(ConnState.Closed);
    expect<u32>(stateAfter(true, TCP_SYN)).toBe(ConnState.New);
  });
});

describe("nat, of ICMP errors,", () => {
  beforeEach(begin);

  it("turns them back with what they quote", () => {
    portOf(CONTAINER, 5000);
    pushError(SERVER, HOST, PACKET_LEN);
    expect<i32>(before(OUTSIDE)).toBe(Verdict.Consumed);
    expect<u32>(sent().dst).toBe(CONTAINER);
    expect<i32>(Icmp.check(sent().payload, sent().payloadLen)).toBe(Status.Ok);
    const quoted = Ipv4.at(Icmp.at(sent().payload).payload);
    expect<string>(endsOf(quoted)).toBe("ac110002:5000 > c0000235:53");
    expect<i32>(Ipv4.check(changetype<usize>(quoted), PACKET_LEN)).toBe(Status.Ok);
    expect<bool>(Udp.at(quoted.payload).isChecksumValid(quoted.pseudo())).toBe(true);
    expect<i32>(onward(INSIDE)).toBe(Verdict.Consumed);
    expect<u32>(sent().src).toBe(SERVER);
  });

  it("turns those about published ports, too, in a copy where the bytes are shared", () => {
    pushTcp(CLIENT, 5000, HOST, 8080, TCP_SYN);
    before(OUTSIDE);
    const d = pushError(CONTAINER, CLIENT, 28);
    const ptr = d.ptr;
    d.addFlags(DescFlag.Shared);
    expect<i32>(after(OUTSIDE)).toBe(Verdict.Consumed);
    expect<usize>(changetype<usize>(sent())).not.toBe(ptr);
    expect<u32>(sent().src).toBe(HOST);
    const quoted = Ipv4.at(Icmp.at(sent().payload).payload);
    expect<string>(endsOf(quoted)).toBe("aa8004d:5000 > aa80002:8080");
    pushTcp(CLIENT, 5000, HOST, 8080, TCP_SYN);
    before(OUTSIDE);
    pushError(CONTAINER, CLIENT, 28).addFlags(DescFlag.Shared);
    store<u32>(burst, 0, BurstAt.SpareLen);
    expect<i32>(after(OUTSIDE)).toBe(Status.NoRoom);
  });

  it("leaves those about nothing it knows as they are, and drops broken ones", () => {
    portOf(CONTAINER, 5000);
    for (let len: u32 = 0; len < 28; len++) {
      pushUdp(HOST, 5000, SERVER, 53);
      sentFromNowOn();
      pushError(SERVER, HOST, len);
      expect<i32>(before(OUTSIDE)).toBe(Verdict.Consumed);
      expect<u32>(sent().dst).toBe(HOST);
    }
    pushUdp(HOST, 5001, SERVER, 53);
    sentFromNowOn();
    const d = pushError(SERVER, HOST, PACKET_LEN);
    expect<i32>(before(OUTSIDE)).toBe(Verdict.Consumed);
    expect<u32>(sent().dst).toBe(HOST);
    store<u8>(d.ptr, 1, 22);
    d.setVerdict(0);
    expect<i32>(before(OUTSIDE)).toBe(Status.BadChecksum);
  });

  it("looks at no fragments, neither of the error nor in it", () => {
    portOf(CONTAINER, 5000);
    const d = pushError(SERVER, HOST, PACKET_LEN);
    Ipv4.at(d.ptr).setFragment(0, true);
    expect<i32>(before(OUTSIDE)).toBe(Verdict.Consumed);
    expect<u32>(sent().dst).toBe(HOST);
    portOf(CONTAINER, 5000);
    sent().setFragment(8, false);
    pushError(SERVER, HOST, PACKET_LEN);
    expect<i32>(before(OUTSIDE)).toBe(Verdict.Consumed);
    expect<u32>(sent().dst).toBe(HOST);
  });
});

// What was pushed counts as what came out.
function sentFromNowOn(): void {
  const bytes = load<u32>(load<u32>(burst, BurstAt.In));
  store<u32>(load<u32>(burst, BurstAt.Out), bytes);
}
