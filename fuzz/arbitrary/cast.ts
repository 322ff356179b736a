/** What packets and tables are about: with few names, look-ups hit. */
export interface Cast {
  /** MACs of stations. */
  readonly stations: readonly string[];
  /** Addresses of stations. */
  readonly hosts: readonly string[];
  /** Addresses of tunnel ends. */
  readonly vteps: readonly string[];
  readonly vnis: readonly number[];
  readonly udpPorts: readonly number[];
}

/** A few of each. */
export const CAST: Cast = {
  stations: ["02:00:00:00:00:01", "02:00:00:00:00:02", "02:00:00:00:00:03", "02:00:00:00:00:04"],
  hosts: ["10.1.1.1", "10.1.1.2", "10.1.2.1", "10.2.0.1"],
  vteps: ["192.0.2.1", "192.0.2.2", "192.0.2.3", "192.0.2.4"],
  vnis: [5, 6, 7],
  udpPorts: [8472, 4789, 8285],
};
