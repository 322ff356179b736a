import {
  anyOf,
  field,
  index,
  indexOrAny,
  ipv4,
  mac,
  type NameOf,
  orNone,
  readOnly,
  short,
  u8x6,
  u8x16,
  u16,
  u32,
  whole,
  word,
} from "../field.ts";
import { RemoteAt, RemoteFlag, Status } from "../layout.ts";
import { RecordLayout } from "../record.ts";
import { accept } from "../status.ts";
import { IndexedTable } from "./indexed.ts";
import type { Room } from "./room.ts";

export type RemoteFlagName = NameOf<typeof RemoteFlag>;

/** Another VTEP, or another node of a UDP tunnel. */
export interface RemoteInit {
  /** null, or left out: a free one, or the one that has this address already. */
  readonly index?: number | null;
  readonly address: string;
  /** 0, or left out: the tunnel port's. */
  readonly udpPort?: number;
  readonly flags?: readonly RemoteFlagName[];
  /** For outer frames: the MAC of the next hop towards it, and that of our device. */
  readonly dstMac?: string | null;
  readonly srcMac?: string | null;
  /** The outer source; null, or left out: the tunnel port's `localIpv4`. */
  readonly ownAddress?: string | null;
  /** Most MACs learned behind it; 0, or left out, means no limit. */
  readonly learnLimit?: number;
  /** Longest outer IP packet that its path takes; 0, or left out: no limit is known. */
  readonly mtu?: number;
}

export interface Remote extends Required<RemoteInit> {
  readonly index: number;
  /** MACs learned behind it now. */
  readonly learned: number;
}

/** What `remote_remove` takes as flags: its FDB and flood entries go with it. */
const WITH_ENTRIES = 1;

const MTU_MAX = 65535;

const form = { name: "remotes", len: RemoteAt.End, familyAt: RemoteAt.Family };

export const remoteLayout: RecordLayout<RemoteInit, Remote> = new RecordLayout(form, {
  index: field(u16(RemoteAt.Index), indexOrAny, null),
  address: field(u8x16(RemoteAt.Address), ipv4),
  udpPort: field(u16(RemoteAt.UdpPort), short, 0),
  flags: field(u16(RemoteAt.Flags), anyOf(RemoteFlag), []),
  dstMac: field(u8x6(RemoteAt.DstMac), orNone(mac, 0), null),
  srcMac: field(u8x6(RemoteAt.SrcMac), orNone(mac, 0), null),
  ownAddress: field(u8x16(RemoteAt.OwnAddress), orNone(ipv4, 0), null),
  learnLimit: field(u32(RemoteAt.LearnLimit), word, 0),
  mtu: field(u32(RemoteAt.Mtu), whole(MTU_MAX), 0),
  learned: readOnly(u32(RemoteAt.Learned), word),
});

const byAddress = remoteLayout.key("address");

/** By index, addresses once each. */
export class Remotes extends IndexedTable<RemoteInit, Remote> {
  constructor(room: Room) {
    const { remote_set: set, remote_get: get, remote_remove, remote_next: next } = room.exports;
    const remove = (node: number, at: number): number => remote_remove(node, at, 0);
    super(room, remoteLayout, { set, get, remove, next });
  }

  /** The index of the remote with this address. */
  find(address: string): number | undefined {
    const { exports, bytes, records } = this.room;
    bytes.set(byAddress.encodeOne({ address }), records);
    const answer = exports.remote_find(this.room.address, records);
    if (answer === Status.NotFound) return undefined;
    return accept(answer, address, "remotes: an address");
  }

  /** Like `remove`, but its FDB and flood entries go with it: only hops make it `Busy`. */
  removeWithEntries(at: number): boolean {
    index.parse(at, "remotes.index");
    const { address, exports } = this.room;
    return this.removed(exports.remote_remove(address, at, WITH_ENTRIES), at);
  }
}
