/* Packets for an element: what must hold of whatever comes out. */
#include "harness.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define IN_DESCS (BURST + BurstAt_End)
#define IN_MAX 8
#define OUT_DESCS (IN_DESCS + IN_MAX * DescAt_End)
#define OUT_MAX 24
#define PIECES (OUT_DESCS + OUT_MAX * DescAt_End)
#define PIECES_MAX 48
#define SPARE_LEN (2 * SLOT_STRIDE)
#define PACKETS_MAX 2

static uint16_t word_at(const uint8_t *bytes) { return (uint16_t)(bytes[0] << 8 | bytes[1]); }

/* The internet sum over `len` bytes is all ones (RFC 1071). */
static int sums_up(const uint8_t *bytes, size_t len) {
  uint32_t sum = 0;
  for (size_t at = 0; at < len; at++) sum += at & 1 ? bytes[at] : (uint32_t)bytes[at] << 8;
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >> 16);
  return sum == 0xffff;
}

static int is_ipv4(const uint8_t *bytes, size_t len) {
  if (len < 20 || bytes[0] >> 4 != 4) return 0;
  size_t header_len = (bytes[0] & 15) * 4, total = word_at(bytes + 2);
  return header_len >= 20 && total >= header_len && total <= len && sums_up(bytes, header_len);
}

/* A complete outer frame: Ethernet, a header of IPv4 without options, and what it carries whole. */
static int is_outer(const uint8_t *bytes, size_t len) {
  if (len < 34 || word_at(bytes + 12) != 0x0800 || !is_ipv4(bytes + 14, len - 14)) return 0;
  if (word_at(bytes + 16) != len - 14) return 0;
  return bytes[23] != 17 || (len >= 42 && word_at(bytes + 38) == len - 34);
}

/* An answer of ours: ARP, or an IPv4 packet that is whole, and its ICMP too. */
static int is_answer(const uint8_t *bytes, size_t len, int is_l3) {
  if (!is_l3) {
    if (len < 14) return 0;
    if (word_at(bytes + 12) == 0x0806) return len >= 42;
    if (word_at(bytes + 12) != 0x0800) return 0;
    bytes += 14;
    len -= 14;
  }
  if (!is_ipv4(bytes, len)) return 0;
  size_t header_len = (bytes[0] & 15) * 4, total = word_at(bytes + 2);
  return bytes[9] != 1 || sums_up(bytes + header_len, total - header_len);
}

static int is_in_arena(uint32_t ptr, uint32_t len) {
  return ptr >= ARENA && ptr <= MEMORY_LEN && len <= MEMORY_LEN - ptr;
}

void lay_burst(uint32_t count) {
  memset(memory + BURST, 0, BurstAt_End + count * DescAt_End);
  set32(BURST + BurstAt_In, IN_DESCS);
  set32(BURST + BurstAt_InCount, count);
  set32(BURST + BurstAt_Out, OUT_DESCS);
  set32(BURST + BurstAt_OutCap, OUT_MAX);
  set32(BURST + BurstAt_Spare, ARENA);
  set32(BURST + BurstAt_SpareLen, SPARE_LEN);
  set32(BURST + BurstAt_Pieces, PIECES);
  set32(BURST + BurstAt_PieceCap, PIECES_MAX);
  for (uint32_t at = 0; at < count; at++) {
    set32(IN_DESCS + at * DescAt_End + DescAt_Ptr, ARENA + SPARE_LEN + HEADROOM_LEN);
    set32(IN_DESCS + at * DescAt_End + DescAt_Len, 64);
  }
}

/* Settings of a port, as far as it takes them. */
static void set_port(input_t *in, uint32_t index) {
  static const uint32_t mtus[] = {0, 1450, 100, 60, 1, 65535, 68, 576};
  memset(memory + SCRATCH, 0, PortAt_End);
  set16(SCRATCH + PortAt_Index, index);
  uint32_t flags = next_byte(in);
  flags |= (uint32_t)next_byte(in) << 8;
  uint8_t more = next_byte(in);
  if (Z_coreZ_port_get(&core, NODE, SCRATCH) != 0) return;
  set32(SCRATCH + PortAt_Flags, flags & PORT_FLAGS);
  set32(SCRATCH + PortAt_Mtu, mtus[more & 7]);
  set32(SCRATCH + PortAt_LearnLimit, more >> 3 & 1);
  memory[SCRATCH + PortAt_TosMode] = more >> 4 & 1;
  memory[SCRATCH + PortAt_Ttl] = more >> 5;
  Z_coreZ_port_set(&core, NODE, SCRATCH);
}

/* Where packet `at` of `len` bytes lies. The first ends where the memory does. */
static uint32_t place(uint8_t spot, uint32_t at, uint32_t len) {
  if (spot == 255) return 0xffffffff - at;
  if (spot == 254) return ARENA - 1;
  if (spot == 253) return MEMORY_LEN - len + 1;
  if (at == 0) return MEMORY_LEN - len;
  return ARENA + SPARE_LEN + (spot < 200 ? HEADROOM_LEN : spot - 200);
}

static void put_packet(input_t *in, uint32_t at, uint32_t len) {
  static const uint32_t peers[] = PEERS;
  uint32_t desc = IN_DESCS + at * DescAt_End;
  uint32_t flags = next_byte(in) & ~DescFlag_Originated; /* the core alone says that */
  uint8_t who = next_byte(in), spot = next_byte(in);
  uint32_t ptr = place(spot, at, len);
  set32(desc + DescAt_Ptr, ptr);
  set32(desc + DescAt_Len, len);
  set16(desc + DescAt_Port, (who & 7) == 7 ? 0xffff : who & 7);
  set16(desc + DescAt_Flags, flags);
  set16(desc + DescAt_Remote, (who >> 3 & 3) == 3 ? 0xffff : who >> 3 & 3);
  set32(desc + DescAt_Peer, peers[who >> 5]);
  set32(desc + DescAt_Vni, 5 + (spot & 1));
  memory[desc + DescAt_Tos] = next_byte(in);
  set16(desc + DescAt_GsoSize, spot == 199 ? 1400 : spot == 198 ? 64 : 0);
}

static int has_virtio(void) { return (get32(BURST + BurstAt_Flags) & BurstFlag_Virtio) != 0; }

static void copy_packet(input_t *in, uint32_t at, uint32_t len) {
  uint32_t ptr = get32(IN_DESCS + at * DescAt_End + DescAt_Ptr);
  if (is_in_arena(ptr, len)) memcpy(memory + ptr, in->at, len);
  in->at += len;
  in->len -= len;
  uint32_t desc = IN_DESCS + at * DescAt_End;
  if (!has_virtio() || len < VIRTIO_LEN) return;
  set32(desc + DescAt_Ptr, ptr + VIRTIO_LEN); /* the first bytes are the header in front of it */
  set32(desc + DescAt_Len, len - VIRTIO_LEN);
}

/* The bytes of a packet that came out, its pieces behind one another. */
static size_t gather(uint32_t desc, uint8_t *to, size_t cap) {
  uint32_t ptr = get32(desc + DescAt_Ptr), len = get32(desc + DescAt_Len);
  if ((get16(desc + DescAt_Flags) & DescFlag_Gather) == 0) {
    expect(is_in_arena(ptr, len), "what comes out lies in the arena");
    expect(len <= cap, "what comes out is no longer than what there was");
    memcpy(to, memory + ptr, len);
    return len;
  }
  size_t used = 0;
  uint32_t end = PIECES + get32(BURST + BurstAt_PieceCount) * PieceAt_End;
  expect(ptr >= PIECES && ptr <= end && len <= (end - ptr) / PieceAt_End, "pieces are in use");
  for (uint32_t at = 0; at < len; at++) {
    uint32_t piece = get32(ptr + at * PieceAt_End + PieceAt_Ptr);
    uint32_t piece_len = get32(ptr + at * PieceAt_End + PieceAt_Len);
    expect(is_in_arena(piece, piece_len), "pieces lie in the arena");
    expect(piece_len <= cap - used, "what comes out is no longer than what there was");
    memcpy(to + used, memory + piece, piece_len);
    used += piece_len;
  }
  return used;
}

/* Where the host's own packets went in, one that is originated need not be the core's. */
static void expect_out(const call_t *call, uint32_t desc, int is_ours) {
  static uint8_t bytes[4 * SLOT_STRIDE];
  size_t len = gather(desc, bytes, sizeof bytes);
  uint32_t flags = get16(desc + DescAt_Flags);
  expect(get16(desc + DescAt_Verdict) == 0, "what comes out is alive");
  expect((flags & ~(uint32_t)DESC_FLAGS) == 0, "what comes out has flags that there are");
  if (call->passes_all || has_virtio()) return;
  if (flags & DescFlag_OuterFrame) expect(is_outer(bytes, len), "an outer frame is whole");
  else if (flags & DescFlag_L3) {
    int is_other = call->passes_others && len > 0 && bytes[0] >> 4 != 4;
    expect(is_other || is_ipv4(bytes, len), "an IP packet is whole");
  }
  if (is_ours && flags & DescFlag_Originated && !(flags & DescFlag_OuterFrame)) {
    expect(is_answer(bytes, len, (flags & DescFlag_L3) != 0), "an answer is whole");
  }
}

static int is_verdict(int32_t verdict) {
  if (verdict > 0) return verdict <= Verdict_Waiting;
  if (verdict == Status_NoRoom || verdict == Status_BadArgument) return 1;
  return verdict <= Status_Truncated && verdict >= -127;
}

/* What was counted of a status since `watch`. */
static uint64_t counted(int32_t status) {
  uint64_t now, then;
  memcpy(&now, memory + COUNTERS - status * 8, 8);
  memcpy(&then, before + COUNTERS - status * 8, 8);
  return now - then;
}

/* A packet that is dropped is counted by its reason; of copies each one that is lost may be too. */
static void expect_verdicts(uint32_t count) {
  uint32_t passed = 0, dropped[PACKETS_MAX] = {0};
  int32_t verdicts[PACKETS_MAX] = {0};
  for (uint32_t at = 0; at < count; at++) {
    verdicts[at] = (int16_t)get16(IN_DESCS + at * DescAt_End + DescAt_Verdict);
    expect(is_verdict(verdicts[at]), "each packet gets a verdict");
    passed += verdicts[at] > 0;
    for (uint32_t other = 0; other <= at; other++) dropped[at] += verdicts[other] == verdicts[at];
  }
  /* Of a range of datagrams, each one. */
  expect(has_virtio() ? counted(0) >= passed : counted(0) == passed, "what passed is counted");
  for (uint32_t at = 0; at < count; at++) {
    if (verdicts[at] < 0) expect(counted(verdicts[at]) >= dropped[at], "a drop is counted");
  }
}

/* The packet itself, and what stands in front of it; nothing where others share it. */
static range_t packet_range(uint32_t at) {
  uint32_t desc = IN_DESCS + at * DescAt_End;
  uint32_t ptr = get32(desc + DescAt_Ptr), len = get32(desc + DescAt_Len);
  range_t none = {0, 0}, own = {ptr < ARENA + 64 ? ARENA : ptr - 64, ptr + len};
  int is_shared = (get16(desc + DescAt_Flags) & DescFlag_Shared) != 0;
  return is_shared || !is_in_arena(ptr, len) ? none : own;
}

static void expect_burst(const call_t *call, uint32_t count, uint32_t answer) {
  uint32_t outs = get32(BURST + BurstAt_OutCount), cap = get32(BURST + BurstAt_OutCap);
  uint32_t spare = get32(BURST + BurstAt_SpareUsed), pieces = get32(BURST + BurstAt_PieceCount);
  expect(outs == answer && outs <= cap, "no more comes out than there is room for");
  expect(spare <= get32(BURST + BurstAt_SpareLen), "no more spare bytes are used than there are");
  expect(pieces <= get32(BURST + BurstAt_PieceCap), "no more pieces are used than there are");
  range_t ranges[8 + 4 * PACKETS_MAX] = {
      {1024, FIRST},
      {NODE, SCRATCH},
      {BURST + BurstAt_OutCount, BURST + BurstAt_OutCount + 4},
      {BURST + BurstAt_SpareUsed, BURST + BurstAt_SpareUsed + 4},
      {BURST + BurstAt_PieceCount, BURST + BurstAt_PieceCount + 4},
      {OUT_DESCS, OUT_DESCS + cap * DescAt_End},
      {PIECES, PIECES + pieces * PieceAt_End},
      {ARENA, ARENA + spare},
  };
  for (uint32_t at = 0; at < count; at++) {
    uint32_t desc = IN_DESCS + at * DescAt_End, verdict = desc + DescAt_Verdict;
    uint32_t peer = desc + DescAt_Peer, port = desc + DescAt_Port;
    ranges[8 + 4 * at] = (range_t){verdict, verdict + 2};
    if (has_virtio()) ranges[8 + 4 * at] = (range_t){desc, desc + DescAt_End};
    ranges[9 + 4 * at] = (range_t){port, call->tells_hop ? port + 2 : port};
    ranges[10 + 4 * at] = (range_t){peer, call->tells_hop ? peer + 4 : peer};
    ranges[11 + 4 * at] = packet_range(at);
  }
  expect_touched(ranges, 8 + 4 * count);
  expect_verdicts(count);
  int is_ours = 1;
  for (uint32_t at = 0; at < count; at++) {
    if (get16(IN_DESCS + at * DescAt_End + DescAt_Port) == 0xffff) is_ours = 0;
  }
  for (uint32_t at = 0; at < outs; at++) expect_out(call, OUT_DESCS + at * DescAt_End, is_ours);
}

void run_element(input_t *in, unsigned element) {
  const call_t *call = &CALLS[ELEMENTS[element]];
  uint8_t shape = next_byte(in), room = next_byte(in);
  uint32_t count = 1 + (shape & 1), port = shape >> 4 == 15 ? shape & 7 : call->port;
  set_port(in, port);
  lay_burst(count);
  set32(BURST + BurstAt_Port, port);
  set32(BURST + BurstAt_Flags, (uint32_t)shape >> 1 & call->flags);
  if (room > 240) {
    set32(BURST + BurstAt_OutCap, room & 1);
    set32(BURST + BurstAt_SpareLen, (room & 6) * 20);
    set32(BURST + BurstAt_PieceCap, room >> 3 & 1);
  }
  uint32_t first = count == 1 ? 0xffffffff : next_byte(in);
  const uint32_t controls = 4 * count;
  uint32_t left = in->len < controls ? 0 : (uint32_t)in->len - controls;
  if (left > 2 * PACKET_LEN_MAX) left = 2 * PACKET_LEN_MAX;
  uint32_t lens[PACKETS_MAX] = {left < first ? left : first, 0};
  if (lens[0] > PACKET_LEN_MAX) lens[0] = PACKET_LEN_MAX;
  if (count == 2) lens[1] = left - lens[0] < PACKET_LEN_MAX ? left - lens[0] : PACKET_LEN_MAX;
  for (uint32_t at = 0; at < count; at++) put_packet(in, at, lens[at]);
  for (uint32_t at = 0; at < count; at++) copy_packet(in, at, lens[at]);
  watch();
  uint32_t args[ARGS_MAX] = {NODE, BURST};
  int32_t answer = (int32_t)call->run(args, 0);
  if (answer >= 0) {
    expect_burst(call, count, (uint32_t)answer);
    return;
  }
  expect(answer == Status_BadPort, "a burst that is right is taken, or its port is none");
  expect_touched(NULL, 0);
}
