import type { Abi } from "../abi.ts";

/** What a table needs of its node: the core, and the bytes of scratch where records are passed. */
export interface Room {
  readonly exports: Abi;
  readonly bytes: Uint8Array;
  readonly view: DataView;
  /** The address of the node. */
  readonly address: number;
  /** Where records lie while the core reads or fills them; 8-aligned. */
  readonly records: number;
  readonly recordsLen: number;
}
