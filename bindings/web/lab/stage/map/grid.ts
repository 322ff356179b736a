// Many hosts on one stage: rows above and below what joins them, the same place for the same host
// whatever happens. Hosts that a packet visits are opened, and the others make room.
import type { Rect } from "../drawing.ts";

/** How much room a grid has. */
export interface GridForm {
  readonly width: number;
  /** Of the rows above the middle, and of those below. */
  readonly halfH: number;
  /** Beside each column, for the wires of its hosts. */
  readonly laneW: number;
  readonly openW: number;
  readonly openH: number;
  readonly barH: number;
}

export interface Grid {
  readonly width: number;
  readonly height: number;
  /** By the index of the host. */
  readonly cells: readonly Cell[];
  /** What joins the hosts, from the top. */
  readonly bars: readonly Rect[];
}

export interface Cell extends Rect {
  readonly isOpen: boolean;
  /** Where the wires of its column run. */
  readonly laneX: number;
}

/** Of the width, what opened hosts may take. */
const OPEN_SHARE = 0.72;
const GAP = 4;
const CELL_MIN = 4;

interface Column {
  readonly x: number;
  readonly w: number;
}

/** `isOpen`: of each host, in their order. */
export function gridOf(isOpen: readonly boolean[], barCount: number, form: GridForm): Grid {
  const columnCount = Math.ceil(Math.sqrt(isOpen.length));
  const rowCount = Math.ceil(isOpen.length / columnCount);
  const upperCount = Math.ceil(rowCount / 2);
  const middleH = barCount * (form.barH + GAP) + GAP;
  const columns = columnsOf(isOpen, columnCount, form);
  const cells: Cell[] = [];
  for (const [column, { x, w }] of columns.entries()) {
    const inColumn = Array.from({ length: rowCount }, (_, row) => row * columnCount + column);
    const halves = [inColumn.slice(0, upperCount), inColumn.slice(upperCount)];
    for (const [half, all] of halves.entries()) {
      const own = all.filter((at) => at < isOpen.length);
      const heights = heightsOf(own, all.length, isOpen, form);
      let y = half === 0 ? 0 : form.halfH + middleH;
      for (const [at, index] of own.entries()) {
        const h = heights[at] ?? CELL_MIN;
        cells[index] = { x, y, w, h, isOpen: isOpen[index] ?? false, laneX: x - form.laneW / 2 };
        y += h + GAP;
      }
    }
  }
  const bars = Array.from({ length: barCount }, (_, at) => ({
    ...{ x: 0, y: form.halfH + GAP + at * (form.barH + GAP), w: form.width, h: form.barH },
  }));
  return { width: form.width, height: 2 * form.halfH + middleH, cells, bars };
}

/** Columns with an opened host are wide, and the others share what is left. */
function columnsOf(
  isOpen: readonly boolean[],
  count: number,
  { width, laneW, openW }: GridForm,
): Column[] {
  const wide = new Set(isOpen.flatMap((open, at) => (open ? [at % count] : [])));
  const room = width - count * laneW;
  const most = (room * OPEN_SHARE) / Math.max(1, wide.size);
  const isAll = wide.size === count;
  const ofWide = isAll ? room / count : Math.max(room / count, Math.min(openW, most));
  const ofOthers = isAll ? 0 : (room - wide.size * ofWide) / (count - wide.size);
  let x = 0;
  return Array.from({ length: count }, (_, at) => {
    const w = wide.has(at) ? ofWide : ofOthers;
    const column = { x: x + laneW, w };
    x += laneW + w;
    return column;
  });
}

/** In a column, opened hosts are high, and the others of their half share what is left. */
function heightsOf(
  own: readonly number[],
  rowCount: number,
  isOpen: readonly boolean[],
  { halfH, openH }: GridForm,
): number[] {
  const room = halfH - GAP * (rowCount - 1);
  const openCount = own.filter((at) => isOpen[at]).length;
  const others = rowCount - openCount;
  if (openCount === 0) return own.map(() => room / rowCount);
  const high = Math.min(openH, (room - others * CELL_MIN) / openCount);
  const low = others === 0 ? 0 : (room - openCount * high) / others;
  return own.map((at) => (isOpen[at] ? high : low));
}
