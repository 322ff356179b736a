// A line about what was asked for and is not there.
import type { State } from "../../state/state.ts";
import { say } from "../copy.ts";
import { inspectCopy } from "./inspect.ts";

/** null: there is nothing to say. */
export function noticeText({ notice, phase, failure, lang }: State): string | null {
  const copy = inspectCopy(lang);
  if (phase === "failed") return say(copy.failed, { why: failure ?? "" });
  switch (notice?.kind) {
    case "no-hop":
      return say(copy.noticeHop, { asked: notice.asked, shown: notice.shown });
    case "no-scenario":
      return say(copy.noticeScenario, { asked: notice.asked });
    case "refused":
      return say(copy.noticeCommand, { command: notice.command, answer: notice.answer });
    case "recorded":
      return copy.noticeRecorded;
    default:
      return null;
  }
}
