import { anyOf, field, index, ipv4, type NameOf, prefix, u8x16, u16, u32 } from "../field.ts";
import { RouteAt, RouteFlag, Status } from "../layout.ts";
import { RecordLayout } from "../record.ts";
import { accept } from "../status.ts";
import { BulkTable, type OneOrMany } from "./bulk.ts";
import { lookupBulk } from "./lookup.ts";
import type { Room } from "./room.ts";

export type RouteFlagName = NameOf<typeof RouteFlag>;

/** Where a prefix leads. */
export interface Route {
  /** "10.42.0.0/16"; "0.0.0.0/0" is the default route. */
  readonly prefix: string;
  /** The index of the hop. */
  readonly hop: number;
}

/** A route to set. */
export interface RouteInit extends Route {
  /** How to set it. */
  readonly flags?: readonly RouteFlagName[];
}

/** What a route is found by. */
export type RouteKey = Pick<Route, "prefix">;

const form = { name: "routes", len: RouteAt.End, familyAt: RouteAt.Family };
const prefixField = prefix(u16(RouteAt.Len), u8x16(RouteAt.Address));
const hopField = field(u32(RouteAt.Hop), index);

export const routeLayout: RecordLayout<RouteInit, Required<RouteInit>> = new RecordLayout(form, {
  prefix: prefixField,
  hop: hopField,
  flags: field(u16(RouteAt.Flags), anyOf(RouteFlag), []),
});

const byPrefix: RecordLayout<RouteKey, RouteKey> = routeLayout.key("prefix");
const byAddress: RecordLayout<{ address: string }, { address: string }> = new RecordLayout(form, {
  address: field(u8x16(RouteAt.Address), ipv4),
});

const LEN_BEGIN = 0xffff; // the predecessor of the first prefix

/** Longest prefix match. */
export class Routes extends BulkTable<RouteInit, Route, RouteKey> {
  constructor(room: Room) {
    super(room, routeLayout, byPrefix, RouteAt.Status);
  }

  /** Makes or replaces routes. */
  set(routes: OneOrMany<RouteInit>): void {
    const { exports, address } = this.room;
    this.setAll(routes, (ptr, count) => exports.route_set(address, ptr, count));
  }

  /** Returns how many were there. */
  remove(keys: OneOrMany<RouteKey>): number {
    const { exports, address } = this.room;
    return this.removeAll(keys, (ptr, count) => exports.route_remove(address, ptr, count));
  }

  /** The route of exactly this prefix. */
  get(exact: string): Route | undefined {
    const { exports, address } = this.room;
    const found = this.getOne({ prefix: exact }, (ptr) => exports.route_get(address, ptr));
    return found && routeOf(found);
  }

  /** The route that a packet to `target` takes: the longest prefix that covers it. */
  lookup(target: string): Route | undefined {
    const { address, bytes, exports, records, view } = this.room;
    bytes.set(byAddress.encodeOne({ address: target }), records);
    const status = exports.route_lookup(address, records);
    if (status === Status.NotFound) return undefined;
    accept(status, target, "routes: an address");
    return routeOf(this.layout.read(view, records));
  }

  /** For each address, a number in host order, the index of its hop, or 0xffffffff. */
  lookupBulk(addresses: Uint32Array): Uint32Array {
    const { exports, address } = this.room;
    const hops = new Uint32Array(addresses.length);
    lookupBulk(this.room, addresses, hops, (from, to, count) =>
      exports.route_lookup_bulk(address, from, to, count),
    );
    return hops;
  }

  /** By address, then by length. */
  *[Symbol.iterator](): Iterator<Route> {
    const { address, bytes, exports, records, view } = this.room;
    const before = byAddress.encode([{ address: "0.0.0.0" }]);
    new DataView(before.buffer).setUint16(RouteAt.Len, LEN_BEGIN, true);
    for (;;) {
      bytes.set(before, records);
      const status = exports.route_next(address, records);
      if (status === Status.NotFound) return;
      accept(status, before, "routes: a prefix");
      const route = routeOf(this.layout.read(view, records));
      before.set(byPrefix.encode([route]));
      yield route;
    }
  }
}

function routeOf({ prefix: exact, hop }: Route): Route {
  return { prefix: exact, hop };
}
