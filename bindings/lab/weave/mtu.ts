// How much of an underlay's MTU weave leaves to its containers.

const OUTER_LEN = 20 + 8; // IPv4 and UDP
const INNER_LEN = 14; // Ethernet
const VXLAN_LEN = 8;
const ESP_LEN = 34; // header 8, IV 8, trailer 2, ICV 16
const NAME_LEN = 6;
const FRAME_HEADER_LEN = 2 * NAME_LEN + 2;
const SECRETBOX_LEN = 8 + 16;
const CLOUD_MTU = 1460; // the smallest that weave wants to fit

export interface WeaveSecrecy {
  /** Left out: false. */
  readonly isEncrypted?: boolean;
}

/** What fits into one datagram of sleeve. */
export function sleeveMtu(underlayMtu: number, { isEncrypted }: WeaveSecrecy = {}): number {
  const secrecyLen = isEncrypted ? SECRETBOX_LEN : 0;
  return underlayMtu - OUTER_LEN - NAME_LEN - FRAME_HEADER_LEN - INNER_LEN - secrecyLen;
}

export function fastdpMtu(underlayMtu: number, { isEncrypted }: WeaveSecrecy = {}): number {
  return underlayMtu - OUTER_LEN - VXLAN_LEN - INNER_LEN - (isEncrypted ? ESP_LEN : 0);
}

/** What containers get unless told otherwise: right in a cloud, with a password. */
export const WEAVE_MTU: number = fastdpMtu(CLOUD_MTU, { isEncrypted: true });
