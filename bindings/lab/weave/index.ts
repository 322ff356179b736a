// Weave: a switch over many hosts whose ports are peers, and the addresses that it gives out.

export * from "./allocator.ts";
export * from "./fastdp.ts";
export * from "./heartbeat.ts";
export * from "./link.ts";
export * from "./mtu.ts";
export { type AddressRange, printRange, rangeOf } from "./range.ts";
export { ownedBy, type Ring, type Token } from "./ring.ts";
export * from "./sleeve.ts";
