// The firewall of a namespace: its rules walk with each packet, and the core translates.
import type { Conn, VerdictName } from "../../core/index.ts";
import {
  compileNat,
  type Hook,
  type Passage,
  type RuleRef,
  Ruleset,
  TABLES_AT,
  type Walk,
  walk,
} from "../netfilter/index.ts";
import type { RuleCommand } from "../words/rule-command.ts";
import { packetOf } from "./frame.ts";
import type { Carried, Stop } from "./journey.ts";
import type { Ledger } from "./ledger.ts";
import type { Namespace } from "./namespace.ts";
import { FlowTable, isReplyOf, nameOf, quoteOf } from "./tables/flows.ts";

const ETHERNET_LEN = 14;

/** What a packet is to the firewall while it crosses a namespace. */
export interface Crossing {
  readonly flow: Passage["flow"];
  /** It begins a flow: table nat is asked. */
  readonly isFirst: boolean;
  /** It goes back the way of its flow. */
  readonly isReply: boolean;
  readonly traceId: number;
  isTraced: boolean;
  readonly in: string | null;
  readonly frameHeader?: Uint8Array;
}

/** Where a hook finds a packet. */
export type Place = Pick<Passage, "out" | "physicalIn" | "physicalOut">;

/** What the core made of a packet's addresses. */
export interface Translated {
  readonly bytes: Uint8Array;
  readonly isChanged: boolean;
  /** The rule that began it. */
  readonly rule: RuleRef | null;
  /** Why the core dropped it; null: it did not. */
  readonly refusal: VerdictName | null;
}

export class Firewall {
  readonly flows: FlowTable;
  readonly #namespace: Namespace;
  #ruleset: Ruleset;
  readonly #ledger: Ledger;
  #origins: readonly RuleRef[] = [];
  /** The rules that began translations: their numbers may be those of others by now. */
  readonly #begun = new Map<string, RuleRef | null>();
  #rowCount = 0;

  constructor(namespace: Namespace) {
    this.#namespace = namespace;
    this.#ruleset = new Ruleset(namespace.spec.rules ?? []);
    this.#ledger = namespace.ledger("rule", null);
    const conns = namespace.ledger("conn", null);
    const { clock } = namespace.lab;
    this.flows = new FlowTable(namespace.node, conns, () => clock.nowMs);
    this.#compile();
  }

  /** True while nobody has written a rule: nothing is asked, no flow is followed. */
  get isIdle(): boolean {
    return this.#rowCount === 0;
  }

  /** As iptables does it: what is refused, by it or by the core, has changed nothing. */
  apply(command: RuleCommand): void {
    const before = this.#ruleset;
    this.#ruleset = before.copy();
    try {
      this.#ruleset.apply(command);
      this.#compile();
    } catch (error) {
      this.#ruleset = before;
      this.#compile();
      throw error;
    }
  }

  /** A packet begins to cross; `device` is where it came in, null for the namespace's own. */
  begin(carried: Carried, device: string | null): Crossing {
    const packet = packetOf(carried);
    const quote = quoteOf(packet);
    const conn = this.flows.find(quote ?? packet);
    const isReply = conn !== undefined && (quote !== null || isReplyOf(conn, packet));
    const isNew = conn === undefined || (conn.state === "new" && !isReply);
    const flow = quote !== null && conn !== undefined ? "RELATED" : isNew ? "NEW" : "ESTABLISHED";
    const crossing: Crossing = {
      flow,
      isFirst: conn === undefined,
      isReply,
      traceId: this.#namespace.lab.dice.u32(),
      isTraced: false,
      in: device,
    };
    if (carried.link !== "ethernet") return crossing;
    return { ...crossing, frameHeader: carried.bytes.subarray(0, ETHERNET_LEN) };
  }

  /** Asks the chains of a hook; what they say is the stop's. */
  ask(crossing: Crossing, hook: Hook, packet: Uint8Array, place: Place, stop: Stop): Walk {
    const { lab, routes } = this.#namespace;
    const passage: Passage = {
      hook,
      packet,
      ...place,
      in: hook === "POSTROUTING" ? null : crossing.in,
      flow: crossing.flow,
      traceId: crossing.traceId,
      isTraced: crossing.isTraced,
      ...(crossing.frameHeader !== undefined && { frameHeader: crossing.frameHeader }),
      isLocal: (address) => routes.isLocal(address),
    };
    const tables = TABLES_AT[hook].filter((table) => table !== "nat" || crossing.isFirst);
    const walked = walk(lab.core, this.#ruleset, passage, tables);
    crossing.isTraced = walked.isTraced;
    const isLegacy = this.#namespace.spec.iptables === "legacy";
    stop.said.push(...(isLegacy ? walked.legacyLines : walked.monitorLines), ...walked.logLines);
    return walked;
  }

  /** Has the core translate a packet, before or behind routing. */
  translate(carried: Carried, port: number | null, isAfter: boolean, stop: Stop): Translated {
    const { elements, lab } = this.#namespace;
    const { bytes, link } = carried;
    const before = this.flows.find(packetOf(carried));
    const { desc, outs } = lab.recorder.during(stop, () => {
      const flags = isAfter ? (["afterRouting"] as const) : [];
      const outcome = elements.translate({ bytes, link, port }, flags, lab.dice.u32());
      const [out] = outcome.outs;
      if (out !== undefined) this.flows.refresh(packetOf(out));
      return outcome;
    });
    const [out] = outs;
    if (out === undefined) return { bytes, isChanged: false, rule: null, refusal: desc.verdict };
    const isChanged = out.bytes.some((byte, at) => byte !== bytes[at]);
    const refusal = desc.verdict === "consumed" ? null : desc.verdict;
    if (!isChanged) return { bytes, isChanged, rule: null, refusal };
    const conn = this.flows.find(packetOf(out));
    const rule = conn === undefined ? null : this.#ruleOf(conn, before, isAfter);
    return { bytes: out.bytes, isChanged, rule, refusal: null };
  }

  #ruleOf(conn: Conn, before: Conn | undefined, isAfter: boolean): RuleRef | null {
    const which = isAfter ? "sourceRule" : "targetRule";
    const name = `${which} ${nameOf(conn)}`;
    const index = conn[which];
    if (before?.[which] !== index) this.#begun.set(name, this.#origins[index ?? -1] ?? null);
    return this.#begun.get(name) ?? null;
  }

  #compile(): void {
    const { node, devices } = this.#namespace;
    const { records, origins } = compileNat(this.#ruleset, {
      devices: devices.map(({ name }) => name),
      portOf: (name) => {
        const device = this.#namespace.device(name);
        return device === undefined || device.kind === "lo" ? null : device.port;
      },
    });
    for (const { index } of [...node.rules]) node.rules.remove(index);
    for (const record of records) node.rules.set(record);
    this.#origins = origins;
    const rows = this.#ruleset.rows();
    for (let at = 0; at < Math.max(rows.length, this.#rowCount); at++) {
      this.#ledger.put(String(at), rows[at] ?? null);
    }
    this.#rowCount = rows.length;
  }
}
