// The daemons of a control plane, as far as they decide something: flanneld takes a subnet out of
// the store and leaves its file behind.
import { parseSubnetKey } from "../../agent/index.ts";
import { parseLeaseAttrs } from "../../agent/value.ts";
import { type Core, HeddleError } from "../../core/index.ts";
import {
  acquireLease,
  dockerOptions,
  type HeldLease,
  type LeaseTerms,
  leaseTerms,
  subnetEnv,
} from "../control/index.ts";
import type { Dice } from "../dice.ts";
import type { StoreSpec } from "../spec/network.ts";
import { splitWords } from "../words/cursor.ts";
import { Refusal } from "../words/refusal.ts";
import type { Ledger } from "./ledger.ts";
import type { Namespace } from "./namespace.ts";

const SUBNET_FILE = "/run/flannel/subnet.env";
const CONFIG_KEY = /\/config$/;
const SUBNET_KEY = /\/subnets\/[^/]+$/;

export class ControlPlane {
  readonly #core: Core;
  readonly #dice: Dice;
  readonly #config: string | null;
  readonly #held: HeldLease[];
  /** What flanneld has written, by namespace. */
  readonly #files = new Map<string, string>();
  readonly #ledgers = new Map<string, Ledger>();

  constructor(core: Core, dice: Dice, store: StoreSpec | undefined) {
    this.#core = core;
    this.#dice = dice;
    const entries = store?.entries ?? [];
    this.#config = entries.find(({ key }) => CONFIG_KEY.test(key))?.value ?? null;
    this.#held = entries
      .filter(({ key }) => SUBNET_KEY.test(key))
      .map(({ key, value }) => {
        return { subnet: parseSubnetKey(key).subnet, publicIp: parseLeaseAttrs(value).publicIp };
      });
  }

  /** What the program of a command line prints; null: it is none of these. */
  run(namespace: Namespace, line: string): string | null {
    const [program = "", ...words] = splitWords(line);
    switch (program) {
      case "flanneld":
        return this.#flanneld(namespace, words);
      case "mk-docker-opts.sh":
        return dockerOptions(this.#fileOf(namespace, program));
      case "cat":
        return words[0] === SUBNET_FILE ? this.#fileOf(namespace, program) : null;
      default:
        return null;
    }
  }

  #flanneld(namespace: Namespace, words: readonly string[]): string {
    const card = cardOf(namespace, words);
    const config = this.#config;
    if (config === null) throw new Refusal("Couldn't fetch network config: Key not found", 1);
    const { name, address: publicIp, mtu: cardMtu } = card;
    const before = this.#held.find((lease) => lease.publicIp === publicIp)?.subnet;
    const { network, backendType, mtu } = this.#terms(config, cardMtu);
    const subnet = this.#acquire(config, publicIp);
    const ledger = this.#ledgerOf(namespace);
    namespace.lab.recorder.during(null, () => ledger.put(publicIp, `${subnet} ${publicIp}`));
    const isMasquerading = words.some((word) => /^--?ip-masq(=true)?$/.test(word));
    this.#files.set(namespace.name, subnetEnv({ network, subnet, mtu, isMasquerading }));
    const how =
      before === subnet
        ? `Found lease (ip: ${subnet} ipv6: ::/0) for current IP (${publicIp}), reusing`
        : `Allocated lease (ip: ${subnet} ipv6: ::/0) to current node (${publicIp})`;
    const lines = [
      `Using interface with name ${name} and address ${publicIp}`,
      `Found network config - Backend type: ${backendType}`,
      how,
      `Wrote subnet file to ${SUBNET_FILE}`,
    ];
    return lines.map((each) => `${each}\n`).join("");
  }

  #terms(config: string, cardMtu: number): LeaseTerms {
    try {
      return leaseTerms(this.#core, config, cardMtu);
    } catch (error) {
      if (!(error instanceof HeddleError)) throw error;
      throw new Refusal(`Couldn't fetch network config: ${error.message}`, 1);
    }
  }

  #acquire(config: string, publicIp: string): string {
    const subnet = acquireLease(this.#core, config, this.#held, publicIp, this.#dice);
    if (subnet === null) {
      throw new Refusal("Error registering network: failed to acquire lease: out of subnets", 1);
    }
    const index = this.#held.findIndex((lease) => lease.publicIp === publicIp);
    if (index >= 0) this.#held.splice(index, 1);
    this.#held.push({ subnet, publicIp });
    return subnet;
  }

  #ledgerOf(namespace: Namespace): Ledger {
    const ledger = this.#ledgers.get(namespace.name) ?? namespace.ledger("lease", null);
    this.#ledgers.set(namespace.name, ledger);
    return ledger;
  }

  #fileOf({ name }: Namespace, program: string): string {
    const text = this.#files.get(name);
    if (text !== undefined) return text;
    throw new Refusal(`${program}: ${SUBNET_FILE}: No such file or directory`, 1);
  }
}

interface Card {
  readonly name: string;
  readonly address: string;
  readonly mtu: number;
}

// The card that -iface names; without it, the first one with an address.
function cardOf({ devices }: Namespace, words: readonly string[]): Card {
  const named = words.map((word) => /^--?iface=(.+)$/.exec(word)?.[1]).find((each) => each);
  const card = devices.find(({ name, kind, address }) =>
    named === undefined ? kind === "nic" && address !== null : name === named,
  );
  const { name, address = null, mtu } = card ?? {};
  if (name !== undefined && address !== null && mtu !== undefined) return { name, address, mtu };
  throw new Refusal(`Failed to find any valid interface to use: ${named ?? "no card"}`, 1);
}
