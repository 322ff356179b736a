// The export list. Order is the order of ABI.md.
export { Status } from "./base/status";
export { memory_claim } from "./abi/node";
export { checksum_sum, checksum_update } from "./abi/bytes";
