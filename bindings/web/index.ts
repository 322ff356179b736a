// heddle in browsers, beside what `heddle` itself gives everywhere: a worker that carries bursts,
// so that a page which forwards packets still draws. Deno and Bun have such workers, too.
export {
  type Carried,
  type CarriedInit,
  type Carrier,
  type CarrierOptions,
  startCarrier,
} from "./carrier.ts";
export type { Order } from "./message.ts";
