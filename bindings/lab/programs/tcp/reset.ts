import type { LayerInit, TcpFields } from "../../../core/index.ts";

/** What answers a segment that belongs to no connection (RFC 9293, 3.10.7.1); null: another RST. */
export function resetFor(segment: TcpFields, dataLen: number): LayerInit | null {
  if (segment.rst) return null;
  const { srcPort: dstPort, dstPort: srcPort } = segment;
  if (segment.ack) {
    return {
      layer: "tcp",
      fields: { srcPort, dstPort, sequence: segment.acknowledgment, rst: true },
    };
  }
  const length = dataLen + Number(segment.syn) + Number(segment.fin);
  const acknowledgment = (segment.sequence + length) >>> 0;
  return { layer: "tcp", fields: { srcPort, dstPort, acknowledgment, ack: true, rst: true } };
}
