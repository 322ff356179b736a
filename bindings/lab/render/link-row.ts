// A row of the `link` table: "docker0 state DOWN no-carrier". What it leaves out is as it began.
import type { TableState } from "../trace/trace.ts";
import { rowsIn } from "./rows.ts";

/** As the kernel says it: UNKNOWN where no cable tells. */
export type Operstate = "UP" | "DOWN" | "UNKNOWN" | "LOWERLAYERDOWN";

/** What a row says of its device; undefined: nothing. */
export interface LinkRow {
  readonly isUp?: boolean;
  readonly hasCarrier?: boolean;
  readonly operstate?: Operstate;
  readonly mtu?: number;
  readonly mac?: string;
  /** null: it is no port of any bridge. */
  readonly master?: string | null;
}

export function linkRowOf(tables: readonly TableState[], device: string): LinkRow {
  const row = rowsIn(tables, "link").find((each) => each.split(" ")[0] === device);
  return row === undefined ? {} : parseLinkRow(row);
}

function parseLinkRow(row: string): LinkRow {
  const words = row.split(" ");
  const after = (word: string): string | undefined => {
    const at = words.indexOf(word);
    return at < 0 ? undefined : words[at + 1];
  };
  const [state, mtu, mac, master] = ["state", "mtu", "address", "master"].map(after);
  const isDown = words.includes("down");
  return {
    ...(isDown && { isUp: false }),
    ...(words.includes("up") && { isUp: true }),
    ...(words.includes("no-carrier") && { hasCarrier: false }),
    ...(state !== undefined && { operstate: state as Operstate }),
    ...(mtu !== undefined && { mtu: Number(mtu) }),
    ...(mac !== undefined && { mac }),
    ...(master !== undefined && { master }),
  };
}
