// Laws that are wrong, each in a way that one of the other suites exists to see. They have to fail:
// if one does not, the suite that watches for it sees nothing.
import fc from "fast-check";
import { openStations } from "./fdb.fuzz.ts";
import { type Law, law, type Suite } from "./law.ts";
import { expectOk, SMALL, Subject } from "./subject.ts";
import { Twins } from "./twins.ts";
import { settle } from "./world.ts";

const PAGES = 2;
const RARE = 97;

export async function openCanary(): Promise<Suite> {
  const twins = await Twins.open(PAGES);
  const node = new Subject(twins, SMALL, 1n);
  const neighbor = new Subject(twins, { ...SMALL, slots: 1 }, 2n);
  settle(node);
  twins.keep();
  const laws = [
    touches(node, neighbor),
    differs(node),
    traps(node),
    await openStations("a model with room for one less", SMALL.fdb - 1),
  ];
  return { name: "canary", share: 0.5, laws, mustFail: true };
}

const seldom = fc.nat().map((any) => any % RARE === 0);

// Now and then a byte of the neighboring node changes.
function touches(node: Subject, neighbor: Subject): Law {
  const { twins } = node;
  const input = fc.record({ at: fc.nat(neighbor.len - 1), seldom });
  return law("a byte of the node next door", input, ({ at, seldom: isNow }) => {
    twins.back();
    twins.watch();
    expectOk(twins.call("node_reset", node.node));
    const place = neighbor.node + at;
    if (isNow) twins.fill(place, place + 1, (twins.bytes[place] ?? 0) ^ 1);
    twins.expectTouched([{ start: node.node, end: node.end }]);
  });
}

// Now and then one build leaves another byte.
function differs(node: Subject): Law {
  const { twins } = node;
  const input = fc.record({ at: fc.nat(twins.end - 1), seldom });
  return law("a byte in one build alone", input, ({ at, seldom: isNow }) => {
    twins.back();
    if (isNow) twins.bytes[at] = (twins.bytes[at] ?? 0) ^ 1;
    twins.expectAlike();
  });
}

// Now and then somebody reads beyond the end of memory.
function traps(node: Subject): Law {
  const { twins } = node;
  return law("a read behind the end of memory", seldom, (isNow) => {
    twins.back();
    twins.view.getUint8(isNow ? twins.end : twins.end - 1);
  });
}
