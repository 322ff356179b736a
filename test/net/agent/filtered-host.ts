// A host in a namespace with a packet filter of ours, and what stands in it.
import { type Namespace, openNamespace } from "../namespace.ts";
import type { Wish } from "./firewall.inside.ts";

export const INSIDE: URL = new URL("./firewall.inside.js", import.meta.url);
export const MODES = ["iptables", "nftables"] as const;
export type Mode = (typeof MODES)[number];

export const WISH: Wish = {
  mode: "iptables",
  overlays: [
    { network: "10.5.0.0/16", subnet: "10.5.72.0/24" },
    { network: "fd00:5::/48", subnet: "fd00:5:0:7::/64" },
  ],
  previous: [],
  masq: true,
  forward: true,
  randomFully: true,
  blackhole: false,
  resyncMs: 5000,
};

export class FilteredHost {
  readonly ns: Namespace;

  constructor(ns: Namespace) {
    this.ns = ns;
  }

  static async open(label: string): Promise<FilteredHost> {
    return new FilteredHost(await openNamespace(label));
  }

  /** `agent` names one of several on this host. */
  start(wish: Partial<Wish> = {}, agent = ""): Promise<void> {
    return this.ns.call(INSIDE, "start", { ...WISH, ...wish }, agent);
  }

  check(agent = ""): Promise<string[]> {
    return this.ns.call(INSIDE, "check", agent);
  }

  remove(wish: Wish | null = WISH, agent = ""): Promise<string[]> {
    return this.ns.call(INSIDE, "remove", wish, agent);
  }

  /** All rules of all packet filters, without the lines that say when. */
  async rules(): Promise<string> {
    const ruleset = await this.ns.run("nft", "list", "ruleset");
    return `${await this.#saved()}${ruleset}`.replaceAll(/^#.*\n/gm, "");
  }

  /** Those that a mode puts, in its own words: the order of chains says nothing. */
  async rulesBy(mode: Mode): Promise<string> {
    if (mode === "iptables") return (await this.#saved()).replaceAll(/^#.*\n/gm, "");
    const tables = ["ip flannel-ipv4", "ip6 flannel-ipv6"].map((table) =>
      this.ns.run("nft", "list", "table", ...table.split(" ")).catch(() => "gone"),
    );
    return (await Promise.all(tables)).join("");
  }

  async #saved(): Promise<string> {
    const programs = ["iptables-save", "ip6tables-save"].map((program) => this.ns.run(program));
    return (await Promise.all(programs)).join("");
  }

  /** `iptables LINE`, or `nft LINE`. */
  async change(mode: Mode, line: string): Promise<void> {
    if (mode === "nftables") await this.ns.run("nft", line);
    else await this.ns.run("iptables", ...line.split(" "));
  }
}
