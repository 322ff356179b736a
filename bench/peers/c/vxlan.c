/* Ordinary frames into VXLAN and out of it, with all that heddle does for each: checks, look-ups in
   the same tables, allow-list, learning, flow hash, DS field, counters. What is not ordinary is
   dropped, which no packet of the benchmark is. */
#include "heddle.h"

enum { COUNTERS = 1408, ARENA = 8, ARENA_LEN = 36, SEED = 40, NOW_S = 56, IP_ID = 60 };
enum { FDB = 384, REMOTE = 640, REMOTE_MAP = 704, PORT = 768, DOMAIN = 896 };
enum { L3 = 1, CSUM_PARTIAL = 2, SHARED = 8, GATHER = 16, UDP_GRO = 32, DECAPPED = 128 };
enum { OUTER_FRAME = 256, LEARN = 1, STRICT_PEER = 16, LINUX_MODE = 64, ECN = 128 };
enum { LEARNED = 1, SEEN_BITS = 28, ALLOWED = 1, DROPPED = -47, CONSUMED = 1 };
enum { ETHERNET_LEN = 14, IPV4_LEN = 20, UDP_LEN = 8, VXLAN_LEN = 8, OUTER_LEN = 42 };
enum { IPV4_NET = 0x0008, IPV6_NET = 0xdd86, VLAN_NET = 0x0081, TCP = 6, UDP = 17 };
#define SEEN_MASK ((1u << SEEN_BITS) - 1)
#define MAC_MASK 0xffffffffffffull
#define VXLAN_FLAGS_NET 0x08u

struct burst {
  uint32_t in, in_count, out, out_cap, out_count, spare, spare_len, spare_used;
  double now_ms;
  uint32_t pieces, piece_cap, piece_count, port, dice, flags;
};

struct desc {
  uint32_t ptr, len;
  uint16_t port, flags;
  int16_t verdict;
  uint16_t remote;
  uint32_t peer, vni;
  uint16_t gso_size, csum_start;
  uint8_t csum_offset, gso_type, tos, lane;
};

struct port {
  uint16_t index, kind, domain;
  uint8_t mac[6];
  uint32_t ipv4;
  uint8_t prefix_len, ttl, tos_mode, tos;
  uint32_t mtu, flags, vni, learn_limit, local_ipv4;
  uint16_t udp_port;
  uint8_t rest[22];
};

struct remote {
  uint16_t index, family, flags, udp_port;
  uint8_t address[16], macs[12], own_address[16];
  uint32_t learn_limit, mtu, learned;
  uint8_t rest[64];
};

struct domain {
  uint16_t index, mark;
  uint32_t vni, age_s;
  uint8_t rest[20];
};

struct outer {
  uint8_t macs[12];
  uint16_t type;
  uint8_t version, tos;
  uint16_t len, id, fragment;
  uint8_t ttl, protocol;
  uint16_t checksum;
  uint32_t src, dst;
  uint16_t src_port, dst_port, udp_len, udp_checksum;
} __attribute__((packed));

#define AT(type, address) (*(type *)(base + (address)))

static inline uint64_t load64(const uint8_t *at) {
  uint64_t word;
  memcpy(&word, at, 8);
  return word;
}

static inline uint32_t load32(const uint8_t *at) {
  uint32_t word;
  memcpy(&word, at, 4);
  return word;
}

static inline uint16_t load16(const uint8_t *at) {
  uint16_t word;
  memcpy(&word, at, 2);
  return word;
}

static inline uint16_t fold(uint64_t total) {
  total = (total & 0xffffffff) + (total >> 32);
  total = (total & 0xffff) + (total >> 16);
  total = (total & 0xffff) + (total >> 16);
  return (total & 0xffff) + (total >> 16);
}

static inline uint64_t stir(uint64_t state, uint64_t word) {
  uint64_t product = (state ^ word) * 0x9e3779b97f4a7c15;
  return product ^ (product >> 32);
}

static inline uint32_t flow_hash(uint64_t seed, const uint8_t *packet, uint32_t len) {
  uint32_t protocol = packet[9], header_len = (packet[0] & 15) * 4, ports = 0;
  bool has_ports = (protocol == TCP || protocol == UDP) && !(load16(packet + 6) & 0xff3f);
  if (has_ports && len >= header_len + 4) ports = load32(packet + header_len);
  uint64_t state = stir(stir(seed, load64(packet + 12)), (uint64_t)ports << 8 | protocol);
  return (state + 0xd6e8feb86659fd93) * 0xd6e8feb86659fd93 >> 32;
}

static inline uint32_t outer_tos(const struct port *port, uint32_t inner) {
  uint32_t dscp = (port->tos_mode ? inner : port->tos) & ~3u;
  if (!(port->flags & ECN)) return dscp;
  if ((inner & 3) == 3 && port->flags & LINUX_MODE) return dscp | 2;
  return dscp | (inner & 3);
}

/* A live entry of the station, or NULL. */
static inline struct entry *station(const uint8_t *base, const struct map *fdb, uint64_t key,
                                    uint32_t now_s, uint32_t age_s) {
  struct entry *found = (struct entry *)map_find(base, fdb, key);
  if (!found) return NULL;
  bool is_old = age_s && ((now_s - found->meta) & SEEN_MASK) >= age_s;
  return (found->meta >> SEEN_BITS & LEARNED) && is_old ? NULL : found;
}

static inline bool is_ordinary(const struct desc *d, uint32_t flags) {
  return !((d->flags & flags) | d->gso_size);
}

static inline bool is_inside(uint32_t first, uint32_t end, uint32_t ptr, uint32_t len) {
  return ptr >= first && (uint64_t)ptr + len <= end;
}

static inline void put_outer(uint8_t *at, const struct port *port, const struct remote *remote,
                             uint32_t len, uint32_t id, uint32_t tos, uint32_t hash) {
  uint32_t own = load32(remote->own_address);
  struct outer *o = (struct outer *)at;
  memcpy(o->macs, remote->macs, 12);
  o->type = IPV4_NET;
  o->version = 0x45;
  o->tos = tos;
  o->len = __builtin_bswap16(len - ETHERNET_LEN);
  o->id = __builtin_bswap16(id);
  o->fragment = 0;
  o->ttl = port->ttl ? port->ttl : 64;
  o->protocol = UDP;
  o->src = own ? own : __builtin_bswap32(port->local_ipv4);
  o->dst = load32(remote->address);
  uint64_t total = (0x45u | tos << 8) + (uint64_t)o->len + o->id + o->src + o->dst;
  o->checksum = ~fold(total + (o->ttl | UDP << 8));
  bool is_linux = port->flags & LINUX_MODE;
  uint32_t src_port = is_linux ? 32768 + scale(hash, 28232) : 49152 + scale(hash, 16384);
  o->src_port = __builtin_bswap16(src_port);
  o->dst_port = __builtin_bswap16(remote->udp_port ? remote->udp_port : port->udp_port);
  o->udp_len = __builtin_bswap16(len - ETHERNET_LEN - IPV4_LEN);
  o->udp_checksum = 0;
}

static inline uint32_t encap(uint8_t *base, uint32_t node, uint32_t at, bool is_frame) {
  struct burst *b = &AT(struct burst, at);
  const struct port *port = &AT(struct port, AT(uint32_t, node + PORT) + b->port * 64);
  const struct remote *remotes = &AT(struct remote, AT(uint32_t, node + REMOTE));
  const struct map *fdb = &AT(struct map, node + FDB);
  uint32_t age_s = AT(struct domain, AT(uint32_t, node + DOMAIN) + port->domain * 32).age_s;
  uint32_t header_len = is_frame ? OUTER_LEN + VXLAN_LEN : VXLAN_LEN;
  uint32_t first = AT(uint32_t, node + ARENA) + header_len;
  uint32_t end = AT(uint32_t, node + ARENA) + AT(uint32_t, node + ARENA_LEN);
  uint32_t now_s = AT(uint32_t, node + NOW_S), id = AT(uint32_t, node + IP_ID);
  uint64_t seed = AT(uint64_t, node + SEED);
  uint64_t vxlan = VXLAN_FLAGS_NET | (uint64_t)__builtin_bswap32(port->vni << 8) << 32;
  struct desc *d = &AT(struct desc, b->in), *o = &AT(struct desc, b->out);
  const struct desc *last = d + b->in_count, *out_end = o + b->out_cap;
  uint64_t dropped = 0;
  struct desc *begin = o;
  for (; d < last; d++) {
    if (d->verdict) continue;
    d->verdict = DROPPED;
    dropped++;
    uint8_t *frame = base + d->ptr;
    uint32_t packet_len = d->len - ETHERNET_LEN;
    if (packet_len > port->mtu || !is_inside(first, end, d->ptr, d->len) || o == out_end) continue;
    if (!is_ordinary(d, L3 | CSUM_PARTIAL | SHARED | GATHER | UDP_GRO | DECAPPED)) continue;
    uint64_t dst = load64(frame) & MAC_MASK;
    struct entry *found = dst ? station(base, fdb, dst << 16 | port->domain, now_s, age_s) : NULL;
    if (!found || (found->value & 0xffff) != b->port) continue;
    uint32_t index = found->value >> 16;
    const struct remote *remote = remotes + index;
    if (index == 0xffff || !remote->family || remote->mtu) continue;
    uint32_t type = load16(frame + 12), hash = 0, tos = 0;
    if (type == IPV4_NET && packet_len >= IPV4_LEN) {
      hash = flow_hash(seed, frame + ETHERNET_LEN, packet_len);
      tos = outer_tos(port, frame[ETHERNET_LEN + 1]);
    } else {
      hash = stir(seed, dst ^ load64(frame + 6)) >> 32;
    }
    memcpy(frame - VXLAN_LEN, &vxlan, VXLAN_LEN);
    uint32_t len = d->len + header_len;
    if (is_frame) put_outer(frame - header_len, port, remote, len, ++id & 0xffff, tos, hash);
    uint32_t peer = __builtin_bswap32(load32(remote->address));
    *o++ = (struct desc){.ptr = d->ptr - header_len, .len = len, .port = b->port,
                         .flags = is_frame ? OUTER_FRAME : 0, .remote = index, .peer = peer,
                         .vni = port->vni, .tos = tos, .lane = hash};
    d->verdict = CONSUMED;
    dropped--;
  }
  AT(uint32_t, node + IP_ID) = id;
  AT(uint64_t, node + COUNTERS) += o - begin;
  AT(uint64_t, node + COUNTERS - 8 * DROPPED) += dropped;
  return b->out_count = o - begin;
}

/* The payload's length, or 0 where the outer headers are not ordinary. */
static inline uint32_t payload_len(const struct port *port, const uint8_t *frame, uint32_t len) {
  const struct outer *o = (const struct outer *)frame;
  if (len < OUTER_LEN || o->type != IPV4_NET || o->version != 0x45) return 0;
  uint32_t ip_len = __builtin_bswap16(o->len), udp_len = __builtin_bswap16(o->udp_len);
  uint32_t src = __builtin_bswap32(o->src), net = src >> 24;
  if (o->fragment & 0xff3f || o->protocol != UDP || o->udp_checksum) return 0;
  if (o->dst != __builtin_bswap32(port->local_ipv4) || !net || net == 127) return 0;
  if (net >> 4 == 14 || src == 0xffffffff) return 0;
  const uint8_t *ip = frame + ETHERNET_LEN;
  uint64_t total = (load64(ip) & 0xffffffff) + (load64(ip) >> 32);
  total += (load64(ip + 8) & 0xffffffff) + (load64(ip + 8) >> 32) + load32(ip + 16);
  if (fold(total) != 0xffff || o->dst_port != __builtin_bswap16(port->udp_port)) return 0;
  bool is_whole = ip_len <= len - ETHERNET_LEN && udp_len + IPV4_LEN <= ip_len;
  return is_whole && udp_len > UDP_LEN ? udp_len - UDP_LEN : 0;
}

static inline uint32_t decap(uint8_t *base, uint32_t node, uint32_t at, bool is_frame) {
  struct burst *b = &AT(struct burst, at);
  const struct port *port = &AT(struct port, AT(uint32_t, node + PORT) + b->port * 64);
  const struct remote *remotes = &AT(struct remote, AT(uint32_t, node + REMOTE));
  const struct map *fdb = &AT(struct map, node + FDB), *peers = &AT(struct map, node + REMOTE_MAP);
  uint32_t age_s = AT(struct domain, AT(uint32_t, node + DOMAIN) + port->domain * 32).age_s;
  uint32_t first = AT(uint32_t, node + ARENA), end = first + AT(uint32_t, node + ARENA_LEN);
  uint32_t now_s = AT(uint32_t, node + NOW_S);
  uint64_t vxlan = VXLAN_FLAGS_NET | (uint64_t)__builtin_bswap32(port->vni << 8) << 32;
  uint64_t mask = port->flags & LINUX_MODE ? ~0ull : VXLAN_FLAGS_NET | 0xffffffull << 32;
  uint64_t own_mac = load64(port->mac) & MAC_MASK;
  struct desc *d = &AT(struct desc, b->in), *o = &AT(struct desc, b->out);
  const struct desc *last = d + b->in_count, *out_end = o + b->out_cap;
  uint64_t dropped = 0;
  struct desc *begin = o;
  for (; d < last; d++) {
    if (d->verdict) continue;
    d->verdict = DROPPED;
    dropped++;
    uint32_t ptr = d->ptr, len = d->len, peer = d->peer, tos = d->tos;
    if (!is_ordinary(d, CSUM_PARTIAL | SHARED | GATHER | UDP_GRO) || o == out_end) continue;
    if (!is_inside(first, end, ptr, len)) continue;
    if (is_frame) {
      const struct outer *outer = (const struct outer *)(base + ptr);
      len = payload_len(port, base + ptr, len);
      if (!len) continue;
      peer = __builtin_bswap32(outer->src);
      tos = outer->tos;
      ptr += OUTER_LEN;
    }
    if (len < VXLAN_LEN + ETHERNET_LEN || (load64(base + ptr) & mask) != vxlan) continue;
    if (!peer || peer == port->local_ipv4) continue;
    const struct entry *known = map_find(base, peers, peer);
    if (!known || !remotes[known->value].family) continue;
    if (port->flags & STRICT_PEER && !(remotes[known->value].flags & ALLOWED)) continue;
    const uint8_t *frame = base + ptr + VXLAN_LEN;
    uint64_t src = load64(frame + 6) & MAC_MASK;
    uint32_t type = load16(frame + 12);
    if (!src || src & 1 || src == own_mac || type == IPV6_NET || type == VLAN_NET) continue;
    if (type == IPV4_NET && len < VXLAN_LEN + ETHERNET_LEN + IPV4_LEN) continue;
    if (type == IPV4_NET && port->flags & ECN && tos & 1) continue;
    if (port->flags & LEARN) {
      struct entry *found = station(base, fdb, src << 16 | port->domain, now_s, age_s);
      if (!found || found->value != (b->port | known->value << 16)) continue;
      found->meta = (found->meta & ~SEEN_MASK) | (now_s & SEEN_MASK);
    }
    *o++ = (struct desc){.ptr = ptr + VXLAN_LEN, .len = len - VXLAN_LEN, .port = b->port,
                         .flags = DECAPPED, .remote = known->value, .peer = peer,
                         .vni = port->vni, .tos = tos};
    d->verdict = CONSUMED;
    dropped--;
  }
  AT(uint64_t, node + COUNTERS) += o - begin;
  AT(uint64_t, node + COUNTERS - 8 * DROPPED) += dropped;
  return b->out_count = o - begin;
}

uint32_t vxlan_encap(uint8_t *base, uint32_t node, uint32_t burst) {
  return encap(base, node, burst, false);
}

uint32_t vxlan_encap_frame(uint8_t *base, uint32_t node, uint32_t burst) {
  return encap(base, node, burst, true);
}

uint32_t vxlan_decap(uint8_t *base, uint32_t node, uint32_t burst) {
  return decap(base, node, burst, false);
}

uint32_t vxlan_decap_frame(uint8_t *base, uint32_t node, uint32_t burst) {
  return decap(base, node, burst, true);
}
