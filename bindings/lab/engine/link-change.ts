// Devices that change while the network runs: up, down, another MAC, another address.
import { type AddressWords, hostOf } from "../words/inet.ts";
import type { LinkWords } from "../words/link.ts";
import { kernelAnswers, kernelSays, notInLab } from "../words/refusal.ts";
import { connect, connectedRoute } from "./build-tables.ts";
import type { Device } from "./device.ts";
import { setPort } from "./ports.ts";
import { retryAll } from "./router.ts";
import { seedBridge } from "./segments.ts";

const MTU_MIN = 68; // RFC 791, section 3.2
const MTU_MAX = 65535;

/** As `ip link set`. */
export function setLink(device: Device, words: LinkWords): void {
  if (words.newName !== undefined) throw notInLab("another name");
  if (words.master !== undefined) throw notInLab("another master");
  if (words.mac !== undefined) setMac(device, words.mac);
  if (words.mtu !== undefined) {
    if (words.mtu < MTU_MIN) throw kernelSays("mtu less than device minimum");
    if (words.mtu > MTU_MAX) throw kernelSays("mtu greater than device maximum");
    device.mtu = words.mtu;
    device.namespace.routes.resize(device);
  }
  if (words.isUp !== undefined && words.isUp !== device.isUp) setUp(device, words.isUp);
  setPort(device);
  for (const namespace of device.namespace.lab.namespaces.values()) namespace.routes.refresh();
}

// A bridge's port forgets whom it has learned there; a bridge means itself by another MAC.
function setMac(device: Device, mac: string): void {
  const { namespace } = device;
  if (device.kind === "bridge" && device.mac !== null) {
    namespace.stations.get(device.name)?.remove(device.mac);
  }
  device.mac = mac;
  if (device.kind === "bridge") seedBridge(device);
}

function setUp(device: Device, isUp: boolean): void {
  const { routes, neighbors } = device.namespace;
  device.isUp = isUp;
  if (isUp) {
    for (const words of device.addresses) {
      const route = connectedRoute(device, words);
      if (route !== null) routes.add(route, "append");
    }
    return;
  }
  routes.dropOf(device);
  neighbors.dropOf(device);
  retryAll(device.namespace, (state) => state === undefined);
}

/** As `ip addr add`. */
export function addAddress(device: Device, words: AddressWords): void {
  if (device.addresses.some(({ address }) => address === words.address)) {
    throw kernelAnswers("File exists");
  }
  device.addresses.push({ ...words, device: null });
  setPort(device);
  connect(device, words);
}

/** As `ip addr del`. */
export function removeAddress(device: Device, words: AddressWords): void {
  const at = device.addresses.findIndex(({ address }) => address === words.address);
  if (at < 0) throw kernelAnswers("Cannot assign requested address");
  device.addresses.splice(at, 1);
  setPort(device);
  device.namespace.routes.removeLocal(hostOf(words.address));
  const route = connectedRoute(device, words);
  if (route !== null) device.namespace.routes.remove(route);
}
