import { type Core, decode, encode, type LayerInit, type TcpFields } from "../../../core/index.ts";

/** The whole packet that refuses a segment in its target's name; null: nothing may be said. */
export function encodeReset(core: Core, about: Uint8Array): Uint8Array | null {
  const [ip, tcp] = decode(core, about, { link: "ip" }).layers;
  if (ip?.layer !== "ipv4" || tcp?.layer !== "tcp") return null;
  const reset = resetFor(tcp.fields, tcp.len - tcp.headerLen);
  if (reset === null) return null;
  const { src: dst, dst: src } = ip.fields;
  return encode([{ layer: "ipv4", fields: { src, dst, dontFragment: true, id: 0 } }, reset]);
}

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
