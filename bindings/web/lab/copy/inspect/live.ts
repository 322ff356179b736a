// What is read out after each step: where, why, and what is new.
import { isDrop } from "../../../../lab/trace/verdict.ts";
import { whyText } from "../../../../lab/why/index.ts";
import { growth, type Scene } from "../../state/scene.ts";
import { say } from "../copy.ts";
import { inspectCopy } from "./inspect.ts";

/** What cannot wait: where the packet ended, and why. */
export function alertText({ hop, hops, state }: Scene): string {
  if (hop === null || !isDrop(hop.verdict)) return "";
  const place = say(inspectCopy(state.lang).hopOf, { n: hop.n, m: hops.length });
  return `${place} ${whyText(hop, state.lang)}`;
}

/** Nothing while the packet moves by itself, or where it ended. */
export function liveText(scene: Scene): string {
  const { hop, hops, state, errata } = scene;
  const copy = inspectCopy(state.lang);
  if (hop === null || state.play !== 0) return "";
  if (isDrop(hop.verdict)) return "";
  const why = whyText(hop, state.lang);
  const more = growth(scene);
  const ids = errata.map(({ id }) => id).join(", ");
  return [
    say(copy.hopOf, { n: hop.n, m: hops.length }),
    why,
    more > 0 ? say(copy.added, { n: more }) : "",
    more < 0 ? say(copy.removed, { n: -more }) : "",
    ids === "" || state.edits.length > 0 ? "" : say(copy.differs, { id: ids }),
  ]
    .filter((part) => part !== "")
    .join(" ");
}
