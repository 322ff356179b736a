// How large things are drawn. Two sets: for a desk, and for a phone, where only the last parts of
// addresses are written and routing has no box of its own.

export interface Metrics {
  readonly width: number;
  readonly heightMin: number;
  /** The column at the left with the names of planes. */
  readonly captionW: number;
  readonly marginR: number;
  readonly pad: number;
  readonly containerW: number;
  /** Between a container and its bridge: room for the name of a port. */
  readonly vethGap: number;
  readonly bridgeW: number;
  readonly bridgeH: number;
  readonly routingGap: number;
  readonly routingW: number;
  readonly tunnelW: number;
  readonly tunnelH: number;
  readonly nicW: number;
  readonly nicH: number;
  readonly bandH: Readonly<Record<"user" | "containers" | "tunnel" | "underlay", number>>;
  /** A letter of monospaced text and of a title, in pixels. */
  readonly monoW: number;
  readonly titleW: number;
  readonly lineH: number;
  readonly isNarrow: boolean;
}

export const WIDE: Metrics = {
  width: 1248,
  heightMin: 280,
  captionW: 112,
  marginR: 16,
  pad: 12,
  containerW: 108,
  vethGap: 52,
  bridgeW: 92,
  bridgeH: 44,
  routingGap: 20,
  routingW: 84,
  tunnelW: 96,
  tunnelH: 58,
  nicW: 108,
  nicH: 52,
  bandH: { user: 62, containers: 94, tunnel: 82, underlay: 96 },
  monoW: 6.9,
  titleW: 7.9,
  lineH: 16,
  isNarrow: false,
};

export const NARROW: Metrics = {
  width: 358,
  heightMin: 226,
  captionW: 4,
  marginR: 4,
  pad: 6,
  containerW: 62,
  vethGap: 16,
  bridgeW: 76,
  bridgeH: 38,
  routingGap: -76,
  routingW: 76,
  tunnelW: 76,
  tunnelH: 38,
  nicW: 76,
  nicH: 40,
  bandH: { user: 44, containers: 54, tunnel: 50, underlay: 52 },
  monoW: 6.9,
  titleW: 7.6,
  lineH: 15,
  isNarrow: true,
};

/** More hosts than these do not fit side by side. */
export const HOSTS_MAX = 12;
/** Between bands, and above and below what lies in one. */
export const BAND_GAP = 4;
export const ROW_GAP = 8;
/** Between wires that run side by side. */
export const LANE_W = 10;
export const CHIP_W = 112;
export const CHIP_H = 22;
/** Room for a fabric that lies below its hosts. */
export const BAR_H = 34;
export const BAR_GAP = 18;
/** On a phone the packet is drawn beside the fabric, smaller. */
export const TRAY_H = 70;
export const NARROW_SCALE = 0.88;
