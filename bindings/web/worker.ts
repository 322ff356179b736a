// The thread of a carrier: one core, one node, one burst. It imports nothing by the name of a
// package, because import maps do not reach into workers.

import type { Burst, DescInit, HeddleNode } from "../core/index.ts";
import { coreOf } from "../core/instance.ts";
import { applyJournal } from "../core/journal.ts";
import { packError } from "../core/packed.ts";
import {
  type Calls,
  type Delivery,
  type Kind,
  type Opening,
  type Order,
  type Parcel,
  type Reply,
  type Request,
  unwrap,
  wrap,
} from "./message.ts";

interface State {
  readonly node: HeddleNode;
  readonly burst: Burst;
}

// The parts of a worker's global scope that are used: no library of types has both it and a page's.
interface Scope {
  onmessage: ((event: MessageEvent<Request>) => void) | null;
  postMessage(reply: Reply, transfer?: Transferable[]): void;
}

const scope = globalThis as unknown as Scope;
let state: State | undefined;

async function open({ module, memoryBytes, node, burst }: Opening): Promise<State> {
  const core = coreOf(module, await WebAssembly.instantiate(module, {}), memoryBytes);
  const opened = core.openNode(node);
  return { node: opened, burst: opened.openBurst(burst) };
}

function run({ burst }: State, order: Order, parcel: Parcel<DescInit>): Delivery {
  burst.clear();
  for (const [bytes, desc] of unwrap(parcel)) burst.push({ ...desc, bytes });
  burst.run(order.element, order.nowMs, order.port, order.dice);
  const outs = Array.from({ length: burst.outCount }, (_, at) => at);
  return {
    verdicts: parcel.descs.map((_, at) => burst.inAt(at).verdict),
    parcel: wrap(
      outs.map((at) => burst.outBytes(at)),
      outs.map((at) => burst.outAt(at)),
    ),
  };
}

async function answer(request: Request): Promise<Calls[Kind]["answer"]> {
  if (request.kind === "open") {
    state = await open(request.ask);
    return undefined;
  }
  if (state === undefined) throw new Error("the carrier has not been opened");
  if (request.kind === "counters") return state.node.counters();
  if (request.kind === "run") return run(state, request.ask.order, request.ask.parcel);
  return applyJournal(state.node, request.ask.entries, request.ask.nowMs);
}

function buffersOf(answer: Calls[Kind]["answer"]): Transferable[] {
  return answer !== undefined && "parcel" in answer ? [answer.parcel.bytes.buffer] : [];
}

scope.onmessage = ({ data }) => {
  answer(data).then(
    (given) => scope.postMessage({ id: data.id, answer: given }, buffersOf(given)),
    (error) => scope.postMessage({ id: data.id, error: packError(error) }),
  );
};
