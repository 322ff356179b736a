// A kernel's main table, one device's neighbors and its FDB, as plain lists: what `ip` and `bridge`
// do to them, and whose an entry is.

export interface ModelRoute {
  readonly dst: string;
  readonly type: string;
  readonly via: string | null;
  readonly dev: string | null;
  readonly isOnlink: boolean;
  readonly protocol: string;
  readonly scope: string;
  readonly metric: number;
}

export interface ModelNeighbor {
  readonly dev: string;
  readonly address: string;
  readonly mac: string | null;
  readonly isPermanent: boolean;
}

export interface ModelFdb {
  readonly dev: string;
  readonly mac: string;
  readonly dst: string;
  readonly isPermanent: boolean;
}

interface RouteWords {
  readonly dst: string;
  readonly via?: string;
  readonly dev?: string;
  readonly onlink?: boolean;
  readonly scope?: string;
}

export class ModelKernel {
  routes: ModelRoute[] = [];
  neighbors: ModelNeighbor[] = [];
  fdb: ModelFdb[] = [];
  /** By which device gateways are reached that a route names no device for. */
  readonly linkOf: (via: string) => string;

  constructor(linkOf: (via: string) => string) {
    this.linkOf = linkOf;
  }

  /** `ip route replace`: what has its destination and no metric gives way, whoever put it. */
  putRoute(words: RouteWords): void {
    const route = {
      ...{ dst: words.dst, type: "unicast", via: words.via ?? null },
      dev: words.dev ?? this.linkOf(words.via ?? ""),
      isOnlink: words.onlink ?? false,
      ...{ protocol: "boot", scope: words.via === undefined ? "link" : "global", metric: 0 },
    };
    const at = this.routes.findIndex((one) => one.dst === route.dst && one.metric === 0);
    if (at < 0) this.routes.push(route);
    else this.routes[at] = route;
  }

  /** `ip route del ... proto boot`: of what has all that is said, the lowest metric. */
  removeRoute({ dst, via, dev, scope }: RouteWords): void {
    const [found] = this.routes
      .filter((one) => one.dst === dst && one.protocol === "boot" && one.type === "unicast")
      .filter((one) => (via ?? one.via) === one.via && (dev ?? one.dev) === one.dev)
      .filter((one) => (scope ?? one.scope) === one.scope)
      .sort((a, b) => a.metric - b.metric);
    this.routes = this.routes.filter((one) => one !== found);
  }

  putNeighbor({ dev, address, mac }: Omit<ModelNeighbor, "isPermanent">): void {
    this.removeNeighbor({ address });
    this.neighbors.push({ dev, address, mac, isPermanent: true });
  }

  removeNeighbor({ address }: { readonly address: string }): void {
    this.neighbors = this.neighbors.filter((one) => one.address !== address);
  }

  /** `bridge fdb replace`: the first remote of the MAC becomes this one. */
  putFdb({ dev, mac, dst }: Omit<ModelFdb, "isPermanent">): void {
    const at = this.fdb.findIndex((one) => one.mac === mac);
    const entry = { dev, mac, dst, isPermanent: true };
    if (at < 0) this.fdb.push(entry);
    else this.fdb[at] = entry;
    this.fdb = this.fdb.filter((one, index) => {
      return index === Math.max(at, 0) || at < 0 || one.mac !== mac || one.dst !== dst;
    });
  }

  removeFdb({ mac, dst }: Omit<ModelFdb, "isPermanent" | "dev">): void {
    this.fdb = this.fdb.filter((one) => one.mac !== mac || one.dst !== dst);
  }
}
