// Answers to ARP requests from the neighbor table, so that they need not cross the underlay.
import { Status } from "../base/status";
import { neighborFind } from "../table/neighbor";
import { ARP_LEN, ARP_REPLY, Arp } from "../wire/arp";
import { ETHERNET_HEADER_LEN, ETHERTYPE_ARP_NET, Ethernet } from "../wire/ethernet";
import { Burst } from "./burst";
import { Desc, Verdict } from "./desc";

const ANSWER_LEN: u32 = ETHERNET_HEADER_LEN + ARP_LEN;
const NO_MAC: u64 = ~0;

/**
 * Answers the ARP request in `d` for who lives behind port `b.port`; the answer goes back to the
 * port that the request came in by. Whatever cannot be answered ends here, as behind Linux's
 * `proxy`. Requires: Ethernet.check has passed, and the EtherType is ARP.
 */
export function answerArp(node: usize, b: Burst, d: Desc): i32 {
  const request = Arp.at(Ethernet.at(d.ptr).payload);
  const status = Arp.check(changetype<usize>(request), d.len - ETHERNET_HEADER_LEN);
  if (status != Status.Ok) return status;
  if (!request.isRequest) return Status.Unresolved;
  const target = request.targetAddress;
  const mac = neighborFind(node, b.port, target);
  if (mac == NO_MAC) return Status.Unresolved;
  const answer = b.answer(d, ANSWER_LEN, 0);
  if (answer == 0) return Status.NoRoom;
  const asker = request.senderMac;
  Ethernet.at(answer).emit(asker, mac, ETHERTYPE_ARP_NET);
  Arp.at(Ethernet.at(answer).payload).emit(ARP_REPLY, mac, target, asker, request.senderAddress);
  return Verdict.Consumed;
}
