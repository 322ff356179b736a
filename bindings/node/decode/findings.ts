// What decoding a specimen comes to.
import { type Core, type DecodedLayer, type DecodeError, decode } from "../../core/index.ts";
import type { Specimen } from "./source.ts";

export interface Findings {
  readonly specimen: Specimen;
  readonly layers: readonly DecodedLayer[];
  /** Why there are no more layers; without the other members where there could be none at all. */
  readonly error?: DecodeError | { readonly reason: string };
}

export function findingsOf(core: Core, specimen: Specimen): Findings {
  const { bytes, linkType } = specimen;
  if (linkType === null) {
    const reason = `link type ${specimen.interface?.linkNumber}, neither Ethernet nor IP`;
    return { specimen, layers: [], error: { reason } };
  }
  const { layers, error } = decode(core, bytes, { link: linkType });
  return { specimen, layers, ...(error && { error }) };
}

/** The error in words. */
export function printError(error: NonNullable<Findings["error"]>): string {
  if (!("layer" in error)) return error.reason;
  const { had, layer, needed, offset, reason } = error;
  return `${layer} at byte ${offset}: ${reason}, needs ${needed} bytes and has ${had}`;
}
