// What differs between the pings: what they send and what they print.
import type { PingAction } from "../scenario.ts";
import type { PingBooks } from "./ping-books.ts";

export interface EchoReply {
  /** Of the ICMP message. */
  readonly len: number;
  readonly from: string;
  readonly sequence: number;
  readonly ttl: number;
  /** Null where the message has no room for the time. */
  readonly rttUs: number | null;
  readonly isRepeat: boolean;
}

/** What somebody on the way said of a request. */
export interface EchoError {
  readonly from: string;
  readonly sequence: number;
  readonly type: number;
  readonly code: number;
  /** Of the next hop, where fragmentation was needed. */
  readonly mtu: number;
  /** Of a redirect: who would be nearer. */
  readonly gateway?: string;
}

/** Lines end without a line feed; what is empty is not printed. */
export interface PingStyle {
  readonly firstSequence: number;
  /** The shortest data that the time fits in. */
  readonly stampLen: number;
  /** The exit code where nothing could be sent. */
  readonly failureCode: number;
  command(action: PingAction): string;
  banner(name: string, address: string, dataLen: number): string;
  unknownName(name: string): string;
  /** The first request could not leave; it is the last one. */
  unroutable(banner: string): string;
  /** A later one could not; null: the ping ends. */
  unsent(): string | null;
  tooBig(mtu: number): string;
  data(len: number, nowNs: number): Uint8Array;
  reply(reply: EchoReply): string;
  error(error: EchoError): string;
  statistics(name: string, books: PingBooks): string;
  /** How long the answers to the last request are waited for. */
  lastWaitNs(books: PingBooks, intervalNs: number): number;
}
