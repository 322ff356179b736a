// What a plane thinks where nothing physical is: containers see routed hops or one segment, the
// ends of a tunnel see each other. Read off the packet's first and last bytes; a mode without a
// tunnel believes nothing.
import type { Hop, Plane } from "../../../lab/trace/trace.ts";
import { type Copy, say } from "../copy/copy.ts";
import type { Frame } from "../state/frame.ts";
import type { Scene } from "../state/scene.ts";
import type { Drawing, Label } from "./drawing.ts";

export interface Belief {
  readonly from: number;
  readonly to: number;
  readonly y: number;
  readonly label: Label;
}

const LETTER_W = 6.6;
const HAN_W = 11;
const SIDE = 10;
const GAP_MIN = 260;

export function beliefsOf(drawing: Drawing, scene: Scene, copy: Copy): Belief[] {
  const hosts = drawing.frames.filter(({ kind }) => kind === "host");
  const [left, right] = hosts;
  if (left === undefined || right === undefined || hosts.length !== 2) return [];
  if (scene.state.pane.show === "drill") return []; // the TTL at the end is to be guessed
  const hasTunnel = drawing.bands.some(({ plane }) => plane === "tunnel");
  const from = left.x + left.w + 4;
  const to = right.x - 6;
  if (!hasTunnel || to - from < GAP_MIN) return [];
  const words: [Plane, string | null][] = [
    ["containers", containersSee(scene, copy, to - from)],
    ["tunnel", tunnelSees(drawing, scene, copy)],
  ];
  return words.flatMap(([plane, text]) => {
    const band = drawing.bands.find((each) => each.plane === plane);
    if (band === undefined || text === null) return [];
    const y = Math.round(band.y + band.h / 2 + 14);
    const w = widthOf(text);
    const label = { text, x: (from + to - w) / 2, y: y - 24, w, h: 18 };
    return [{ from, to, y, label }];
  });
}

function widthOf(text: string): number {
  return text.length * (/\p{Script=Han}/u.test(text) ? HAN_W : LETTER_W);
}

function containersSee(
  { trace, packet, hops, frameAt }: Scene,
  copy: Copy,
  room: number,
): string | null {
  const isCrossing = new Set(hops.map(({ host }) => host)).size > 1;
  const last = hops.findLast(({ verdict }) => verdict === "deliver" || verdict === "reply");
  const first = hops[0];
  if (trace === null || packet === null || !isCrossing) return null;
  const ends = [first, last].map((hop) => (hop === undefined ? null : ttlAt(hop, frameAt)));
  const [from, to] = ends;
  if (from == null || to == null) return null;
  const n = from - to;
  if (n === 0) return say(copy.seeLan, { to });
  const words = say(n === 1 ? copy.seeRoutedOnce : copy.seeRouted, { n, from, to });
  return widthOf(words) + 2 * SIDE > room ? say(copy.seeShort, { n, from, to }) : words;
}

function tunnelSees(drawing: Drawing, { trace, hops }: Scene, copy: Copy): string | null {
  const isWrapped = hops.some(({ verdict }) => verdict.startsWith("encap") || verdict === "tun-up");
  if (trace === null || !isWrapped) return null;
  const kinds = trace.places.hosts
    .flatMap(({ namespaces }) => namespaces)
    .flatMap(({ devices }) => devices)
    .filter(({ name }) =>
      drawing.boxes.some(({ title, kind }) => kind === "tunnel" && title === name),
    )
    .map(({ kind }) => kind);
  return kinds.includes("vxlan") ? copy.vtepsSee : copy.tunnelSees;
}

/** Of the innermost packet as it left a hop, or came. */
export function ttlAt(hop: Hop, frameAt: Scene["frameAt"]): number | null {
  const [out] = hop.out;
  if (out !== undefined) return ttlOf(frameAt(out, hop.outLink));
  return hop.in === null ? null : ttlOf(frameAt(hop.in, hop.inLink));
}

export function ttlOf({ shells }: Frame): number | null {
  const rows = shells.flatMap((shell) => shell.rows);
  const row = rows.find(({ path }) => path === "ip.ttl");
  return row === undefined ? null : Number.parseInt(row.value, 10);
}
