// Packets in a node's scratch, and where each of them lies, as packet_decode_bulk takes them.
import { type HeddleNode, PieceAt } from "../bindings/core/index.ts";

/** Lays packets out. Returns: where the first piece is. */
export function layPieces(node: HeddleNode, packets: readonly Uint8Array[]): number {
  const pieces = node.takeScratch(packets.length * PieceAt.End);
  packets.forEach((packet, at) => {
    const ptr = node.takeScratch(packet.length);
    const piece = pieces + at * PieceAt.End;
    node.bytes.set(packet, ptr);
    node.view.setUint32(piece + PieceAt.Ptr, ptr, true);
    node.view.setUint32(piece + PieceAt.Len, packet.length, true);
  });
  return pieces;
}
