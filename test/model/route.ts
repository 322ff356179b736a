// Routes as a list that is searched from end to end: what the core's prefix tree is compared with.

export interface ModelRoute {
  address: number; // u32, host bits zero
  len: number;
  hop: number;
}

/** True when `address` lies in the prefix. */
function covers(route: ModelRoute, address: number): boolean {
  const size = 2 ** (32 - route.len);
  return Math.floor(address / size) * size === route.address;
}

/** By address, then by length. */
function compare(a: ModelRoute, b: ModelRoute): number {
  return a.address - b.address || a.len - b.len;
}

export class RouteModel {
  routes: ModelRoute[] = [];

  get(address: number, len: number): ModelRoute | undefined {
    return this.routes.find((route) => route.address === address && route.len === len);
  }

  set(address: number, len: number, hop: number): void {
    this.remove(address, len);
    this.routes.push({ address, len, hop });
  }

  /** True when it was there. */
  remove(address: number, len: number): boolean {
    const before = this.routes.length;
    this.routes = this.routes.filter((route) => route.address !== address || route.len !== len);
    return this.routes.length < before;
  }

  /** The route with the longest prefix that covers the address. */
  lookup(address: number): ModelRoute | undefined {
    let best: ModelRoute | undefined;
    for (const route of this.routes) {
      if (covers(route, address) && (best === undefined || route.len > best.len)) best = route;
    }
    return best;
  }

  /** The first route behind this prefix, which need not be one; none given begins. */
  next(address = 0, len = -1): ModelRoute | undefined {
    const from = { address, len, hop: 0 };
    let best: ModelRoute | undefined;
    for (const route of this.routes) {
      const isBehind = compare(route, from) > 0;
      if (isBehind && (best === undefined || compare(route, best) < 0)) best = route;
    }
    return best;
  }

  /** How many routes lead to a hop. */
  users(hop: number): number {
    return this.routes.filter((route) => route.hop === hop).length;
  }
}
