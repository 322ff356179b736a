// A decoded packet for programs: one JSON object on one line.
import type { DecodedLayer } from "../../core/index.ts";
import type { Findings } from "./findings.ts";
import { printSeconds } from "./time.ts";

/**
 * `time` is in seconds since 1970 with nine decimals, as text, since a number would lose some; it
 * and `interface` are null where the packet came from no capture or the capture does not say.
 */
export function documentOf({ specimen, layers, error }: Findings): string {
  const { bytes, comments, direction, index, originalLen, timeNs, interface: place } = specimen;
  return JSON.stringify({
    index,
    interface: place === null ? null : place.index,
    interfaceName: place?.name,
    time: timeNs === null ? null : printSeconds(timeNs),
    length: originalLen,
    capturedLength: bytes.length === originalLen ? undefined : bytes.length,
    direction,
    comments: comments.length > 0 ? comments : undefined,
    layers: layers.map(layerOf),
    error,
  });
}

function layerOf({ layer, depth, offset, headerLen, len, status, fields }: DecodedLayer): object {
  return { layer, depth, offset, headerLen, len, status, fields };
}
