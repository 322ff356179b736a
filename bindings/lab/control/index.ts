// What control planes decide, as pure functions: which subnet, which address, which name.

export * from "./calico.ts";
export * from "./docker.ts";
export * from "./flannel.ts";
export * from "./leases.ts";
export * from "./mac.ts";
export * from "./swarm.ts";
