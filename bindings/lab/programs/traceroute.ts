// Traceroute: packets that live one hop longer each time, and who complains of their death.
import { SECOND, type Timer } from "../clock.ts";
import type { TracerouteAction } from "../scenario.ts";
import { type Arrival, PROTOCOL, type Quote } from "./arrival.ts";
import type { Failure, Program } from "./program.ts";
import { type ProbeAnswer, TRACEROUTE_STYLES, type TracerouteStyle } from "./traceroute-style.ts";
import type { Userland } from "./userland.ts";

const HOPS_MAX = 30;
const PORT_FIRST = 33434;
const WAIT_NS = 5 * SECOND;
const ECHO_REPLY = 0;
const ECHO_REQUEST = 8;
const TIME_EXCEEDED = 11;
const UNREACHABLE = 3;

export function startTraceroute(userland: Userland, action: TracerouteAction): void {
  const { stack } = userland;
  const style = TRACEROUTE_STYLES[stack.flavour === "iproute2" ? "package" : "busybox"];
  const fail = (text: string, code: number): void => stack.print(style.command(action), text, code);
  const address = userland.resolve(action.to);
  if (address === null) {
    fail(style.unknownName(action.to), style.unknownCode);
    return;
  }
  const banner = style.banner(action.to, address, action.hopsMax ?? HOPS_MAX);
  const source = stack.sourceFor(address);
  if (source === null) fail(banner + style.unroutable, 1);
  else new Traceroute(userland, action, style, { source, address }).start(banner);
}

interface Ends {
  readonly source: string;
  readonly address: string;
}

class Traceroute implements Program {
  readonly app = "traceroute";
  readonly #userland: Userland;
  readonly #action: TracerouteAction;
  readonly #style: TracerouteStyle;
  readonly #ends: Ends;
  /** Its port, or the identifier of its echoes. */
  readonly #own: number;
  readonly #probes: number;
  readonly #hopsMax: number;
  #text = "";
  #sent = 0;
  #sentNs = 0;
  /** Of the hop that is asked for: null where nobody answered. */
  #answers: (ProbeAnswer | null)[] = [];
  #timer: Timer | null = null;

  constructor(userland: Userland, action: TracerouteAction, style: TracerouteStyle, ends: Ends) {
    this.#userland = userland;
    this.#action = action;
    this.#style = style;
    this.#ends = ends;
    this.#own = userland.drawPort();
    this.#probes = action.probes ?? 1;
    this.#hopsMax = action.hopsMax ?? HOPS_MAX;
  }

  start(banner: string): void {
    this.#text = banner;
    this.#userland.add(this);
    this.#ask();
  }

  takes({ ip, body, quote }: Arrival): boolean {
    if (body.layer !== "icmp") return false;
    const { type, code, id, sequence, nextHopMtu: mtu = 0 } = body.fields;
    if (quote !== null) {
      if (!this.#isOwn(quote)) return false;
      if (type === TIME_EXCEEDED) this.#note({ from: ip.src });
      else if (type === UNREACHABLE) this.#note({ from: ip.src, code, mtu });
      return true;
    }
    if (type !== ECHO_REPLY || id !== this.#own || sequence !== this.#sequence) return false;
    this.#note({ from: ip.src, isEcho: true });
    return true;
  }

  misses(own: Quote, why: Failure): boolean {
    if (!this.#isOwn(own)) return false;
    const code = { "net-unreachable": 0, "host-unreachable": 1, "too-big": 4 }[why];
    this.#note({ from: own.src, code, mtu: this.#userland.stack.mtuTo(own.dst) });
    return true;
  }

  #isOwn({ protocol, words }: Quote): boolean {
    const isIcmp = this.#action.by === "icmp";
    if (protocol !== (isIcmp ? PROTOCOL.icmp : PROTOCOL.udp)) return false;
    return words[0] === this.#own && words[1] === (isIcmp ? this.#sequence : this.#port);
  }

  get #sequence(): number {
    return this.#sent & 0xffff;
  }

  get #port(): number {
    return PORT_FIRST + this.#sent - 1 + this.#style.portSkip;
  }

  get #hop(): number {
    return Math.floor((this.#sent - 1) / this.#probes) + 1;
  }

  #ask(): void {
    const { clock } = this.#userland.stack;
    this.#sent++;
    this.#sentNs = clock.nowNs;
    this.#timer = clock.after(WAIT_NS, () => this.#turn(null));
    const { source: src, address: dst } = this.#ends;
    const ttl = this.#hop;
    const data = this.#style.data(this.#sequence, ttl, this.#action.by);
    const header =
      this.#action.by === "icmp"
        ? ({
            layer: "icmp",
            fields: { type: ECHO_REQUEST, id: this.#own, sequence: this.#sequence },
          } as const)
        : ({ layer: "udp", fields: { srcPort: this.#own, dstPort: this.#port } } as const);
    this.#userland.send(
      { src, dst, ttl, isDontFragment: false },
      [header, { layer: "payload", fields: { data } }],
      { app: this.app, line: "main", because: null },
    );
  }

  #note(answer: Omit<ProbeAnswer, "rttUs">): void {
    const rttNs = this.#userland.stack.clock.nowNs - this.#sentNs;
    this.#turn({ ...answer, rttUs: Math.floor(rttNs / 1000) });
  }

  // What one probe became; then the next one, the next hop, or the end.
  #turn(answer: ProbeAnswer | null): void {
    this.#timer?.cancel();
    this.#answers.push(answer);
    if (this.#answers.length < this.#probes) {
      this.#ask();
      return;
    }
    this.#text += this.#style.line(this.#hop, this.#answers);
    const isLast = this.#answers.some((each) => each?.code !== undefined || each?.isEcho === true);
    this.#answers = [];
    if (isLast || this.#hop === this.#hopsMax) this.#end();
    else this.#ask();
  }

  #end(): void {
    this.#userland.remove(this);
    this.#userland.stack.print(this.#style.command(this.#action), this.#text, 0);
  }
}
