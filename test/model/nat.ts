// Address translation as a list of flows and a list of rules, both looked through from the front.

/** Who speaks to whom. */
export interface Ends {
  readonly src: string;
  readonly srcPort: number;
  readonly dst: string;
  readonly dstPort: number;
}

export interface ModelPacket {
  readonly protocol: number;
  readonly ends: Ends;
  readonly syn: boolean;
  readonly ack: boolean;
  readonly fin: boolean;
  readonly rst: boolean;
}

export interface ModelRule {
  readonly index: number;
  readonly hook: "prerouting" | "output" | "postrouting";
  readonly action: "accept" | "skip" | "dnat" | "snat" | "masquerade";
  readonly next: number;
  readonly protocol: number;
  readonly port: number | null;
  readonly source: string;
  readonly target: string;
  readonly firstPort: number;
  readonly lastPort: number;
  readonly toAddress: string | null;
  readonly toPort: number;
  readonly flags: readonly RuleFlag[];
}

export type RuleFlag = "notSource" | "notTarget" | "notPort" | "targetLocal" | "randomPort";

const STATES = ["new", "replied", "assured", "closing", "closed"] as const;

export interface ModelConn {
  readonly protocol: number;
  readonly original: Ends;
  reply: Ends;
  state: (typeof STATES)[number];
  isSourceChosen: boolean;
  sourceRule: number | null;
  targetRule: number | null;
  seenS: number;
}

export type NatVerdict = "consumed" | "NoRoom" | "Martian";

export interface Translated {
  readonly verdict: NatVerdict;
  readonly ends: Ends;
}

const TIMEOUTS_S: Readonly<Record<number, readonly number[]>> = {
  1: [30, 30, 30, 30, 30],
  6: [120, 60, 432000, 120, 10],
  17: [30, 30, 120, 120, 120],
};
const PORTED = [1, 6, 17];

export class ModelNat {
  readonly capacity: number;
  /** The address of each port. */
  readonly ports: ReadonlyMap<number, string | null>;
  readonly rules: Map<number, ModelRule> = new Map();
  readonly hits: Map<number, number> = new Map();
  flows: ModelConn[] = [];
  nowS = 0;

  constructor(capacity: number, ports: ReadonlyMap<number, string | null>) {
    this.capacity = capacity;
    this.ports = ports;
  }

  /** Forgets what has been silent for too long. Returns how many that was. */
  forget(): number {
    const before = this.flows.length;
    this.flows = this.flows.filter((flow) => this.leftS(flow) > 0);
    return before - this.flows.length;
  }

  leftS(flow: ModelConn): number {
    const limits = TIMEOUTS_S[flow.protocol];
    const limit = limits?.[STATES.indexOf(flow.state)] ?? 600;
    return flow.seenS + limit - this.nowS;
  }

  /** The flow of a packet at any point of its way. */
  find(protocol: number, ends: Ends): ModelConn | undefined {
    this.forget();
    return this.flows.find(
      (flow) =>
        flow.protocol === protocol &&
        [flow.original, middleOf(flow), flow.reply].some((its) => isBetween(its, ends)),
    );
  }

  /**
   * What becomes of a packet at a hook, where it came in by `port` or goes out by it; `drawn` is
   * the source port that was drawn, if one was.
   */
  pass(packet: ModelPacket, port: number | null, isAfter: boolean, drawn: number): Translated {
    const { protocol, ends } = packet;
    let flow = this.find(protocol, ends);
    if (flow !== undefined && isReopened(flow, packet)) {
      this.remove(flow);
      flow = undefined;
    }
    const isEchoReply = protocol === 1 && ends.dstPort !== 0;
    if (flow === undefined && isEchoReply) return { verdict: "consumed", ends };
    flow ??= this.#open(packet, port, isAfter);
    if (flow === undefined) return { verdict: "NoRoom", ends };
    const way = wayOf(flow, ends, isAfter);
    if (way === undefined) return { verdict: "NoRoom", ends };
    if (isAfter && way === "original" && !flow.isSourceChosen) {
      const verdict = this.#choose(flow, port, drawn);
      if (verdict !== "consumed") return { verdict, ends };
    }
    flow.state = nextState(flow.state, way, packet);
    flow.seenS = this.nowS;
    return { verdict: "consumed", ends: turned(flow, way, ends, isAfter) };
  }

  /** What an ICMP error says of itself and of what it quotes, behind the hook. */
  passError(
    outer: Pick<Ends, "src" | "dst">,
    quoted: { readonly protocol: number; readonly ends: Ends },
    isAfter: boolean,
  ): { readonly outer: Pick<Ends, "src" | "dst">; readonly quoted: Ends } {
    const ends = back(quoted.ends);
    const flow = this.find(quoted.protocol, ends);
    const way = flow === undefined ? undefined : wayOf(flow, ends, isAfter);
    if (flow === undefined || way === undefined) return { outer, quoted: quoted.ends };
    const after = turned(flow, way, ends, isAfter);
    if (isSame(after, ends)) return { outer, quoted: quoted.ends };
    const changed = isAfter ? { src: after.src } : { dst: after.dst };
    return { outer: { ...outer, ...changed }, quoted: back(after) };
  }

  remove(flow: ModelConn): void {
    this.flows = this.flows.filter((other) => other !== flow);
  }

  #open(packet: ModelPacket, port: number | null, isAfter: boolean): ModelConn | undefined {
    const { protocol, ends } = packet;
    const hook = port === null ? "output" : "prerouting";
    const rule = isAfter ? undefined : this.#ask(hook, protocol, ends, port);
    const dst = rule?.toAddress ?? ends.dst;
    const dstPort = rule === undefined || rule.toPort === 0 ? ends.dstPort : rule.toPort;
    const reply = back({ ...ends, dst, dstPort });
    if (this.flows.length === this.capacity || !this.#isFree(protocol, reply)) return undefined;
    const flow: ModelConn = {
      ...{ protocol, original: ends, reply, state: "new", isSourceChosen: false },
      ...{ sourceRule: null, targetRule: rule?.index ?? null, seenS: this.nowS },
    };
    this.flows.push(flow);
    return flow;
  }

  #choose(flow: ModelConn, port: number | null, drawn: number): NatVerdict {
    const { protocol, original } = flow;
    const rule = this.#ask("postrouting", protocol, middleOf(flow), port);
    if (rule !== undefined) {
      const dst = rule.action === "masquerade" ? this.ports.get(port ?? -1) : rule.toAddress;
      if (dst === null || dst === undefined) return "Martian";
      const isTaken = (dstPort: number): boolean =>
        !this.#isFree(protocol, { ...flow.reply, dst, dstPort }, flow);
      const mayDraw = PORTED.includes(protocol) && rule.toPort === 0;
      const wanted = rule.toPort === 0 ? original.srcPort : rule.toPort;
      const isDrawn = mayDraw && rule.flags.includes("randomPort");
      const isKept = !isDrawn && !isTaken(wanted);
      const may = mayDraw && isOfKind(protocol, original.srcPort, drawn) && !isTaken(drawn);
      if (!isKept && !may) return "NoRoom";
      flow.reply = { ...flow.reply, dst, dstPort: isKept ? wanted : drawn };
    }
    flow.sourceRule = rule?.index ?? null;
    flow.isSourceChosen = true;
    return "consumed";
  }

  #isFree(protocol: number, ends: Ends, own?: ModelConn): boolean {
    const owner = this.find(protocol, ends);
    return owner === undefined || owner === own;
  }

  #ask(
    hook: ModelRule["hook"],
    protocol: number,
    ends: Ends,
    port: number | null,
  ): ModelRule | undefined {
    let from = 0;
    for (const rule of [...this.rules.values()].sort((a, b) => a.index - b.index)) {
      if (rule.index < from || rule.hook !== hook) continue;
      if (!this.#matches(rule, protocol, ends, port)) continue;
      this.hits.set(rule.index, (this.hits.get(rule.index) ?? 0) + 1);
      if (rule.action === "accept") return undefined;
      if (rule.action !== "skip") return rule;
      from = rule.next;
    }
    return undefined;
  }

  #matches(rule: ModelRule, protocol: number, ends: Ends, port: number | null): boolean {
    const is = (flag: RuleFlag): boolean => rule.flags.includes(flag);
    return (
      (rule.protocol === 0 || rule.protocol === protocol) &&
      (rule.port === null || (rule.port === port) !== is("notPort")) &&
      covers(rule.source, ends.src) !== is("notSource") &&
      covers(rule.target, ends.dst) !== is("notTarget") &&
      (rule.lastPort === 0 || (ends.dstPort >= rule.firstPort && ends.dstPort <= rule.lastPort)) &&
      (!is("targetLocal") || [...this.ports.values()].includes(ends.dst))
    );
  }
}

type Way = "original" | "reply";

function back({ src, srcPort, dst, dstPort }: Ends): Ends {
  return { src: dst, srcPort: dstPort, dst: src, dstPort: srcPort };
}

/** What a packet of the original way has between its translations. */
function middleOf({ original, reply }: ModelConn): Ends {
  return { ...original, dst: reply.src, dstPort: reply.srcPort };
}

function isSame(a: Ends, b: Ends): boolean {
  return a.src === b.src && a.srcPort === b.srcPort && a.dst === b.dst && a.dstPort === b.dstPort;
}

function isBetween(a: Ends, b: Ends): boolean {
  return isSame(a, b) || isSame(a, back(b));
}

function wayOf(flow: ModelConn, ends: Ends, isAfter: boolean): Way | undefined {
  if (isSame(ends, isAfter ? middleOf(flow) : flow.original)) return "original";
  return isSame(ends, isAfter ? back(middleOf(flow)) : flow.reply) ? "reply" : undefined;
}

function turned(flow: ModelConn, way: Way, ends: Ends, isAfter: boolean): Ends {
  const after = back(way === "original" ? flow.reply : flow.original);
  const { src, srcPort, dst, dstPort } = after;
  return isAfter ? { ...ends, src, srcPort } : { ...ends, dst, dstPort };
}

function isReopened(flow: ModelConn, { syn, ack, ends }: ModelPacket): boolean {
  const { src, srcPort } = flow.original;
  const isOver = flow.state === "closing" || flow.state === "closed";
  return isOver && syn && !ack && ends.src === src && ends.srcPort === srcPort;
}

function nextState(
  state: ModelConn["state"],
  way: Way,
  { syn, fin, rst }: ModelPacket,
): ModelConn["state"] {
  if (rst) return "closed";
  if (state === "closing" || state === "closed") return state;
  if (fin) return "closing";
  if (way === "reply") return state === "new" ? "replied" : state;
  return state === "replied" && !syn ? "assured" : state;
}

function isOfKind(protocol: number, port: number, drawn: number): boolean {
  if (protocol === 1) return true;
  if (port > 1023) return drawn > 1023;
  return port > 511 ? drawn >= 600 && drawn <= 1023 : drawn >= 1 && drawn <= 511;
}

function covers(prefix: string, address: string): boolean {
  const [network = "", len = "0"] = prefix.split("/");
  return bitsOf(network).slice(0, Number(len)) === bitsOf(address).slice(0, Number(len));
}

function bitsOf(address: string): string {
  return address
    .split(".")
    .map((part) => Number(part).toString(2).padStart(8, "0"))
    .join("");
}
