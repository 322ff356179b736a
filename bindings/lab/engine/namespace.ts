// A network namespace: one node of the core, the devices in it, and its tables.
import type { HeddleNode } from "../../core/index.ts";
import type { Userland } from "../programs/index.ts";
import type { NamespaceSpec } from "../spec/network.ts";
import type { TableId, TableKind, TableState } from "../trace/trace.ts";
import { hostOf } from "../words/inet.ts";
import { noDevice } from "../words/refusal.ts";
import type { Device } from "./device.ts";
import type { Flanneld } from "./devices/flanneld.ts";
import type { Elements } from "./element.ts";
import { Firewall } from "./firewall.ts";
import type { Lab } from "./lab.ts";
import { Ledger, type RowOrder } from "./ledger.ts";
import { Reassembly } from "./reassembly.ts";
import type { Query } from "./router.ts";
import { NeighborTable } from "./tables/neighbors.ts";
import { RemoteTable } from "./tables/remotes.ts";
import { inPrintedOrder } from "./tables/route-order.ts";
import { RouteTable } from "./tables/routes.ts";
import type { Stations } from "./tables/stations.ts";

const LOOPBACK = "127.0.0.1";

export interface NamespaceInit {
  readonly lab: Lab;
  readonly host: string;
  readonly spec: NamespaceSpec;
  readonly elements: Elements;
}

export class Namespace {
  readonly lab: Lab;
  readonly host: string;
  readonly spec: NamespaceSpec;
  readonly elements: Elements;
  readonly node: HeddleNode;
  readonly devices: Device[] = [];
  readonly routes: RouteTable;
  readonly neighbors: NeighborTable;
  readonly remotes: RemoteTable;
  #firewall: Firewall | null = null;
  /** By the name of a bridge or VTEP. */
  readonly stations: Map<string, Stations> = new Map();
  readonly sysctls: Map<string, number>;
  /** Packets that wait for a neighbor, by port and address. */
  readonly waiting: Map<string, Query[]> = new Map();
  readonly reassembly: Reassembly = new Reassembly();
  /** By the name of the TUN that each reads. */
  readonly daemons: Map<string, Flanneld> = new Map();
  programs: Userland | null = null;
  /** Whether time is kept for neighbors, and whether somebody waits for that. */
  ticking: "awaited" | "meanwhile" | null = null;
  readonly #ledgers: Ledger[] = [];

  constructor({ lab, host, spec, elements }: NamespaceInit) {
    this.lab = lab;
    this.host = host;
    this.spec = spec;
    this.elements = elements;
    this.node = elements.node;
    this.sysctls = new Map(Object.entries(spec.sysctls ?? {}));
    this.remotes = new RemoteTable(this.node);
    this.routes = new RouteTable(this, this.ledger("route", null, inPrintedOrder));
    this.neighbors = new NeighborTable(this, this.ledger("neigh", null));
  }

  get firewall(): Firewall {
    if (this.#firewall === null) throw new Error(`${this.name} has no firewall yet`);
    return this.#firewall;
  }

  /** Rules name devices: these come first. */
  openFirewall(): void {
    this.#firewall = new Firewall(this);
  }

  get name(): string {
    return this.spec.name;
  }

  get tables(): TableState[] {
    return this.#ledgers.map(({ state }) => state);
  }

  /** Begins a table's rows. */
  ledger(kind: TableKind, device: string | null, order: RowOrder | null = null): Ledger {
    const ledger = new Ledger(this.lab.recorder, this.tableId(kind, device), order);
    this.#ledgers.push(ledger);
    return ledger;
  }

  tableId(kind: TableKind, device: string | null): TableId {
    return { namespace: this.name, kind, device };
  }

  device(name: string): Device | undefined {
    return this.devices.find((device) => device.name === name);
  }

  /** Throws Refusal, as tools say it, for a device that is not there. */
  deviceOr(name: string): Device {
    const device = this.device(name);
    if (device === undefined) throw noDevice(name);
    return device;
  }

  /** MACs and IPv4 addresses of its devices. */
  get addresses(): ReadonlySet<string> {
    const macs = this.devices.flatMap(({ mac }) => mac ?? []);
    const hosts = this.devices.flatMap(({ addresses }) =>
      addresses.map((each) => hostOf(each.address)),
    );
    return new Set([LOOPBACK, ...macs, ...hosts]);
  }

  byPort(port: number): Device | undefined {
    return this.devices.find((device) => device.port === port || device.slavePort === port);
  }

  hasCarrier(device: Device): boolean {
    return this.lab.hasCarrier(device);
  }

  /** A setting by its name, of a device where it has its own; the larger of it and "all". */
  sysctl(name: string, device: Device | null = null): number {
    const of = (each: string): number => this.sysctls.get(name.replace("*", each)) ?? 0;
    return device === null ? of("") : Math.max(of("all"), of(device.name));
  }

  get isForwarding(): boolean {
    const isRouter = this.spec.kind === "host" ? 1 : 0;
    return (this.sysctls.get("net.ipv4.ip_forward") ?? isRouter) !== 0;
  }
}
