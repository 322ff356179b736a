// Blocks of IPv4 addresses that are no single host's, or no other's than one's own.

/** RFC 1112, section 4: 224.0.0.0/4. */
export function isMulticast(address: u32): bool {
  return address >> 28 == 0xe;
}

/** RFC 919: the limited broadcast. */
export function isBroadcast(address: u32): bool {
  return address == 0xffffffff;
}

/** RFC 1122, section 3.2.1.3: 127.0.0.0/8. */
export function isLoopback(address: u32): bool {
  return address >> 24 == 127;
}
