// The view as the query of a URL, so that it can be copied: what is as usual is left out, and what
// means nothing here is kept.
import type { Edit } from "../../../lab/scenario.ts";
import { type DiffMode, FIRST, type Lang, type State } from "./state.ts";

const RANGE = /^(\d+)-(\d+)$/;
const CURSOR = /^(\d+)\.(\d+)$/;
const NOTHING = "-";

/** "s=flannel-vxlan&h=4"; "" for the first view. */
export function urlOf(state: State): string {
  const { at, sel, compare } = state;
  const pairs: (readonly [string, string | null])[] = [
    ["s", unless(FIRST.scenario, state.scenario)],
    ["v", state.variant],
    ["p", unless(String(FIRST.at.packet), String(at.packet))],
    ["h", unless(String(FIRST.at.hop), String(at.hop))],
    ["f", typeof sel === "string" ? sel : null],
    ["b", typeof sel === "object" && sel !== null ? `${sel.at}-${sel.at + sel.len - 1}` : null],
    ["d", unless(FIRST.diff, state.diff)],
    ["c", compare?.scenario ?? null],
    ["cv", compare?.variant ?? null],
    ["x", state.drill === null ? null : "drill"],
    ["e", state.edits.length === 0 ? null : state.edits.map(editText).join(";")],
    ["seed", unless(FIRST.seed, state.seed)],
    ["lang", unless(FIRST.lang, state.lang)],
  ];
  const query = new URLSearchParams();
  for (const [key, value] of pairs) if (value !== null) query.append(key, value);
  for (const [key, value] of state.strange) query.append(key, value);
  return query.toString();
}

function unless(usual: string, value: string): string | null {
  return value === usual ? null : value;
}

/** "3.4:node1:bridge fdb del ...", with what would end it escaped. */
function editText({ at, namespace, command }: Edit): string {
  const place = at === null ? NOTHING : `${at.packet}.${at.hop}`;
  return [place, namespace, command].map(escaped).join(":");
}

function escaped(text: string): string {
  return text.replaceAll(/[~;]/g, (found) => (found === "~" ? "~0" : "~1"));
}

function unescaped(text: string): string {
  return text.replaceAll(/~[01]/g, (found) => (found === "~0" ? "~" : ";"));
}

const KNOWN = ["s", "v", "p", "h", "f", "b", "d", "c", "cv", "x", "e", "seed", "lang"];

/** What a query says of the state; what it does not say is as usual. Pair: urlOf. */
export function parseUrl(query: string): Partial<State> {
  const params = new URLSearchParams(query);
  const get = (key: string): string | null => params.get(key);
  const strange = [...params].filter(([key]) => !KNOWN.includes(key));
  const beside = get("c");
  return {
    scenario: get("s") ?? FIRST.scenario,
    variant: get("v"),
    seed: seedOf(get("seed")),
    edits: editsOf(get("e")),
    at: {
      packet: wholeOf(get("p"), FIRST.at.packet),
      hop: wholeOf(get("h"), FIRST.at.hop),
    },
    sel: get("f") ?? rangeOf(get("b")),
    diff: diffOf(get("d")),
    compare: beside === null ? null : besideOf(beside, get("cv")),
    drill: get("x") === "drill" ? { mode: "predict", guesses: [], hintCount: 0 } : null,
    pane: { show: get("x") === "drill" ? "drill" : "lab" },
    ...langOf(get("lang")),
    strange,
  };
}

function besideOf(scenario: string, variant: string | null): State["compare"] {
  return { scenario, variant, phase: "running", trace: null };
}

function wholeOf(text: string | null, usual: number): number {
  return text !== null && /^\d{1,9}$/.test(text) ? Number(text) : usual;
}

function seedOf(text: string | null): string {
  return text !== null && /^\d{1,19}$/.test(text) ? String(BigInt(text)) : FIRST.seed;
}

function rangeOf(text: string | null): State["sel"] {
  const [, first, last] = RANGE.exec(text ?? "") ?? [];
  if (first === undefined || last === undefined) return null;
  const len = Number(last) - Number(first) + 1;
  return len > 0 ? { at: Number(first), len } : null;
}

function diffOf(text: string | null): DiffMode {
  return text === "before" || text === "diff" ? text : FIRST.diff;
}

// Left out means the reader's own language, which only the browser knows.
function langOf(text: string | null): { readonly lang?: Lang } {
  return text === "en" || text === "zh" ? { lang: text } : {};
}

function editsOf(text: string | null): readonly Edit[] {
  return (text ?? "").split(";").flatMap((each) => {
    const [place = "", namespace, ...rest] = each.split(":");
    const command = unescaped(rest.join(":"));
    if (namespace === undefined || command === "") return [];
    const [, packet, hop] = CURSOR.exec(place) ?? [];
    const isCursor = packet !== undefined && hop !== undefined;
    const at = isCursor ? { packet: Number(packet), hop: Number(hop) } : null;
    return [{ at, namespace: unescaped(namespace), command }];
  });
}
