// Where the demo's hosts keep their leases, and what each host's agent is told.
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { printSubnetEnv } from "../agent/index.ts";
import { type HostPlan, planConfig } from "../lab/overlay/plan.ts";
import type { DatapathKind } from "./agent/datapath.ts";
import type { AgentSettings, StoreSettings } from "./agent/settings.ts";
import type { DemoPlan } from "./demo-plan.ts";
import { isStale, Namespaces } from "./netns.ts";
import { UNDERLAY_DEVICE } from "./topology.ts";

/** "memory", "etcd", or "file:PATH". */
export type DemoStoreWish = string;

const FOLDER = /^heddle-\d+-\d+-store\w{6}$/;
const ETCD_PORT = 2379;
const RENEW_MARGIN_S = 3600;
const RESYNC_MS = 5000;

/** Removes the folders that killed demos have left. */
export function sweepStores(): void {
  for (const name of readdirSync(tmpdir()).filter((each) => FOLDER.test(each) && isStale(each))) {
    rmSync(join(tmpdir(), name), { recursive: true, force: true });
  }
}

export class DemoStore {
  readonly settings: StoreSettings;
  readonly #folder: string;
  readonly #plan: DemoPlan;

  /** Makes a folder, which `remove` takes away. */
  constructor(wish: DemoStoreWish, plan: DemoPlan) {
    this.#folder = mkdtempSync(join(tmpdir(), Namespaces.nameOf("store")));
    this.#plan = plan;
    this.settings = this.#settingsOf(wish);
  }

  /** The network's config, as flannel has it. */
  get config(): string {
    return planConfig(this.#plan);
  }

  /** What etcd is started with, on the first host; null where the store is a file. */
  get etcdWords(): string[] | null {
    if (this.settings.kind !== "etcd") return null;
    const [client = ""] = this.settings.endpoints;
    const peer = "http://127.0.0.1:2380";
    return [
      ...["--name", "demo", "--data-dir", join(this.#folder, "etcd"), "--log-level", "error"],
      ...["--listen-client-urls", client, "--advertise-client-urls", client],
      ...["--listen-peer-urls", peer, "--initial-advertise-peer-urls", peer],
      ...["--initial-cluster", `demo=${peer}`, "--unsafe-no-fsync"],
    ];
  }

  /** Each host finds the plan's subnet in its subnet.env, as after a restart. */
  agentSettings(host: HostPlan, datapath: DatapathKind): AgentSettings {
    const folder = join(this.#folder, host.name);
    const subnetFile = join(folder, "subnet.env");
    mkdirSync(folder, { recursive: true });
    writeFileSync(subnetFile, this.#subnetEnv(host));
    return {
      store: this.settings,
      interfaces: [UNDERLAY_DEVICE],
      interfacePatterns: [],
      canReach: "",
      publicIp: "",
      subnetFile,
      renewMarginS: RENEW_MARGIN_S,
      masquerades: false,
      isFullyRandom: false,
      forwards: false,
      blackholes: false,
      resyncMs: RESYNC_MS,
      healthIp: "",
      healthPort: 0,
      datapath,
      isStrict: true,
      clampsMss: false,
      findsPathMtu: false,
      hasOffload: true,
      queues: 1,
      perDirection: false,
      releases: false,
      socket: join(folder, "agent.sock"),
      printsJson: false,
      verbosity: 0,
    };
  }

  remove(): void {
    rmSync(this.#folder, { recursive: true, force: true });
  }

  #settingsOf(wish: DemoStoreWish): StoreSettings {
    const path = wish.startsWith("file:") ? resolve(wish.slice(5)) : join(this.#folder, "store");
    const address = this.#plan.hosts[0].underlay.address;
    return {
      kind: wish === "etcd" ? "etcd" : "file",
      path,
      endpoints: [`http://${address}:${ETCD_PORT}`],
      prefix: "/coreos.com/network",
      ...{ keyFile: "", certFile: "", caFile: "", username: "", password: "", configFile: "" },
    };
  }

  #subnetEnv(host: HostPlan): string {
    const { mtu, network } = this.#plan;
    const { subnet } = host;
    return printSubnetEnv({
      network,
      subnet,
      ipv6Network: null,
      ipv6Subnet: null,
      mtu,
      ipMasq: false,
    });
  }
}
