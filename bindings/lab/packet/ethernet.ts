// IEEE 802.3, as far as somebody has to look before the core does.
export const ETHERTYPE_IPV4 = 0x0800;
export const ETHERTYPE_ARP = 0x0806;
export const ETHERNET_HEADER_LEN = 14;
