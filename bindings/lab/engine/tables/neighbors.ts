// The neighbors of a namespace. The core has them; here are their rows, and who waits for one.
import type { HeddleNode, Neighbor, NeighborInit } from "../../../core/index.ts";
import type { Row } from "../../trace/trace.ts";
import { type NeighborWords, printNeighbor } from "../../words/neighbor.ts";
import { kernelAnswers } from "../../words/refusal.ts";
import type { Device } from "../device.ts";
import type { Ledger } from "../ledger.ts";
import type { Namespace } from "../namespace.ts";

export class NeighborTable {
  readonly #namespace: Namespace;
  readonly #node: HeddleNode;
  readonly #ledger: Ledger;

  constructor(namespace: Namespace, ledger: Ledger) {
    this.#namespace = namespace;
    this.#node = namespace.node;
    this.#ledger = ledger;
  }

  get nowMs(): number {
    return this.#namespace.lab.clock.nowMs;
  }

  find(device: Device, address: string): Neighbor | undefined {
    if (!isStation(address)) return undefined;
    return this.#node.neighbors.get({ port: device.port, address }, this.nowMs);
  }

  /** The row as it is now. */
  row(device: Device, address: string): Row | null {
    const found = this.find(device, address);
    return found === undefined ? null : printNeighbor(wordsOf(found, device));
  }

  /** Writes down what has become of a neighbor. */
  refresh(device: Device, address: string): void {
    this.#ledger.put(keyOf(device, address), this.row(device, address));
  }

  /** Who asked is known, as in Linux; the core learns only from those who asked for itself. */
  hear(device: Device, address: string, mac: string): void {
    if (!isStation(address) || this.find(device, address) !== undefined) return;
    this.#node.neighbors.set({ port: device.port, address, mac, state: "stale" }, this.nowMs);
  }

  add(words: NeighborWords, isReplacing: boolean): void {
    const device = this.#namespace.deviceOr(words.device);
    const { address } = words;
    if (!isReplacing && this.find(device, address) !== undefined) {
      throw kernelAnswers("File exists");
    }
    this.#node.neighbors.set(recordOf(words, device), this.nowMs);
    this.refresh(device, address);
  }

  /** The rows of a spec, each as `ip neigh replace`. */
  fill(rows: readonly NeighborWords[]): void {
    const stations = rows.map((words) => {
      const device = this.#namespace.deviceOr(words.device);
      return { device, record: recordOf(words, device) };
    });
    this.#node.neighbors.set(
      stations.map(({ record }) => record),
      this.nowMs,
    );
    for (const { device, record } of stations) {
      this.#ledger.put(keyOf(device, record.address), printNeighbor(wordsOf(record, device)));
    }
  }

  remove(words: NeighborWords): void {
    const device = this.#namespace.deviceOr(words.device);
    const { address } = words;
    const count = this.#node.neighbors.remove({ port: device.port, address });
    if (count === 0) throw kernelAnswers("No such file or directory");
    this.refresh(device, address);
  }

  /** What a device knew is forgotten when it goes down, but for what an operator said. */
  dropOf(device: Device): void {
    for (const { port, address, state } of [...this.#node.neighbors]) {
      if (port !== device.port || state === "permanent") continue;
      this.#node.neighbors.remove({ port, address });
      this.refresh(device, address);
    }
  }

  /** Writes down what time has made of all that time changes; gives the states that it found. */
  refreshAll(): ReadonlySet<Neighbor["state"]> {
    const moving = [...this.#node.neighbors].filter(({ state }) => state !== "permanent");
    for (const { port, address } of moving) {
      const device = this.#namespace.byPort(port);
      if (device !== undefined) this.refresh(device, address);
    }
    return new Set(moving.map(({ state }) => state));
  }
}

/** False for what nobody can have: a sender may say that it has. */
function isStation(address: string): boolean {
  const first = Number.parseInt(address, 10);
  return first > 0 && first < 224;
}

function keyOf(device: Device, address: string): string {
  return `${device.name} ${address}`;
}

function recordOf(
  { address, mac, state }: NeighborWords,
  { port }: Device,
): Required<NeighborInit> {
  if (mac === null) throw kernelAnswers("Invalid argument");
  const isMoving = state === "reachable" || state === "stale";
  return { port, address, mac, state: isMoving ? state : "permanent" };
}

type Known = Pick<Neighbor, "address" | "mac" | "state">;

function wordsOf({ address, mac, state }: Known, device: Device): NeighborWords {
  return { address, device: device.name, mac, state, isProxy: false };
}
