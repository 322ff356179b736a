// The export list. Order is the order of ABI.md.
export { Status } from "./base/status";
export { memory_claim } from "./abi/node";
