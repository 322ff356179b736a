// Every scenario, in the order of the picker.
import type { Scenario } from "../scenario.ts";
import { arp } from "./basics/arp.ts";
import { demux } from "./basics/demux.ts";
import { gateway } from "./basics/gateway.ts";
import { crc, hub } from "./basics/hub.ts";
import { learningSwitch } from "./basics/switch.ts";
import { calicoBgp, calicoIpip, calicoRoutes } from "./calico/routes.ts";
import { leaseAcquire, subnetFile, subnetMinMax } from "./control/leases.ts";
import { dockerBridge } from "./docker/bridge.ts";
import { cni0, userBridges } from "./docker/bridges.ts";
import { containerMode, hostMode, networksList, none } from "./docker/modes.ts";
import { containerToHost, hostToContainer, natOut, publish } from "./docker/outside.ts";
import { traceIptables } from "./docker/trace.ts";
import { arpSpoof, macFlood } from "./drills/bridge.ts";
import { badChecksum, mtuHole, routeLoop, staleFdb, twinSubnet } from "./drills/flannel.ts";
import { spoofedVtep } from "./drills/vtep.ts";
import { flannelEtcd2, tcpHello } from "./flannel/etcd2.ts";
import { flannelEtcd3, noIsolation, traceroute } from "./flannel/etcd3.ts";
import { directRouting, hostGw } from "./flannel/gateways.ts";
import { flannelGenerations } from "./flannel/generations.ts";
import { flannelUdp } from "./flannel/udp.ts";
import { flannelVxlan } from "./flannel/vxlan.ts";
import { swarm100 } from "./swarm/hundred.ts";
import { swarmArp, swarmOutbound, swarmOverlay, swarmTwoVnis } from "./swarm/overlay.ts";
import { weaveFastdp, weaveIpam, weaveSleeve } from "./weave/paths.ts";

const BASICS: readonly Scenario[] = [hub, crc, demux, arp, learningSwitch, gateway];

const DOCKER: readonly Scenario[] = [
  ...[networksList, none, hostMode, dockerBridge, containerMode, userBridges],
  ...[containerToHost, hostToContainer, traceIptables, natOut, publish, cni0],
];

const FLANNEL: readonly Scenario[] = [
  ...[flannelVxlan, flannelUdp, flannelGenerations, directRouting, hostGw],
  ...[flannelEtcd2, tcpHello, flannelEtcd3, traceroute, noIsolation],
];

const OTHERS: readonly Scenario[] = [
  ...[calicoRoutes, calicoBgp, calicoIpip],
  ...[weaveIpam, weaveSleeve, weaveFastdp],
  ...[swarmOverlay, swarmArp, swarmTwoVnis, swarmOutbound, swarm100],
];

const CONTROL: readonly Scenario[] = [subnetMinMax, leaseAcquire, subnetFile];

const DRILLS: readonly Scenario[] = [
  ...[staleFdb, twinSubnet, mtuHole, badChecksum, spoofedVtep, macFlood, arpSpoof, routeLoop],
];

export const SCENARIOS: readonly Scenario[] = [
  ...[...BASICS, ...DOCKER, ...FLANNEL, ...OTHERS, ...CONTROL, ...DRILLS],
];
