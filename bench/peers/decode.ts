// Packets taken apart beside Rust: etherparse, and the wire half of smoltcp. Lengths are validated
// by all; who looks at the checksums of IPv4 as well, as heddle does, has a row of its own.
import { NativeMemory } from "../../bindings/node/native.ts";
import type { Contest, Rival, Suite } from "./contest.ts";
import { CAP, Packets } from "./packets.ts";
import { missingCargo, openRust } from "./rust.ts";

const BOUNDS = { must: 0.8, aim: 1 };
const TYPE = "(uintptr_t base, uint32_t pieces, uint32_t count, uint32_t out, uint32_t cap)";
const PEERS: readonly (Omit<Rival, "round"> & { readonly symbol: string })[] = [
  { name: "etherparse, lengths", symbol: "etherparse_layers", ...BOUNDS },
  { name: "etherparse, and IPv4 checksums", symbol: "etherparse_layers_and_sums", ...BOUNDS },
  { name: "smoltcp, lengths", symbol: "smoltcp_layers" },
  { name: "smoltcp, and IPv4 checksums", symbol: "smoltcp_layers_and_sums" },
];

export const decoding: Suite = { missing: missingCargo, contests };

async function* contests(): AsyncGenerator<Contest> {
  const func = openRust();
  const packets = await Packets.open();
  const { base } = new NativeMemory(packets.node.exports.memory);
  const heddle = packets.heddle;
  yield {
    name: "decode, a frame in VXLAN",
    heddle,
    rivals: PEERS.map(({ symbol, ...rival }) => {
      const decode = func(`uint32_t ${symbol}${TYPE}`);
      const contender = packets.contender(rival.name, (pieces, count, out) => {
        return decode(base, pieces, count, out, CAP);
      });
      return { ...rival, ...contender };
    }),
  };
}
