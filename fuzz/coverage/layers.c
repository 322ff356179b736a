/* Packets to decode: what must hold of the layers that come out. */
#include "harness.h"

#include <string.h>

#define LAYERS SCRATCH
#define LAYERS_MAX 24

static void expect_layers(uint32_t count, uint32_t len) {
  uint32_t offset = 0;
  for (uint32_t at = 0; at < count; at++) {
    uint32_t layer = LAYERS + at * LayerAt_End;
    uint8_t kind = memory[layer + LayerAt_Kind], depth = memory[layer + LayerAt_Depth];
    int32_t status = (int16_t)get16(layer + LayerAt_Status);
    uint32_t here = get32(layer + LayerAt_Offset), all = get32(layer + LayerAt_Len);
    uint32_t header = get32(layer + LayerAt_HeaderLen);
    expect(kind >= 1 && kind <= LAYER_KIND_MAX, "a layer has a kind");
    expect(depth <= 15, "packets nest no deeper than 15");
    expect(status == 0 || (status <= Status_Truncated && status >= -127), "a layer has a status");
    expect(here <= len && all <= len - here, "a layer lies in the packet");
    expect(here >= offset, "layers follow each other");
    int is_broken = header > all;
    expect(!is_broken || (status != 0 && at == count - 1), "only the last layer is broken");
    offset = here + (is_broken ? 0 : header);
  }
}

void run_decode(input_t *in) {
  uint8_t start = next_byte(in), cap = next_byte(in);
  uint32_t kind = start & 1 ? LayerKind_Ipv4 : LayerKind_Ethernet;
  uint32_t room = cap < 128 ? LAYERS_MAX : cap % LAYERS_MAX;
  uint32_t len = in->len < PACKET_LEN_MAX ? (uint32_t)in->len : PACKET_LEN_MAX;
  uint32_t ptr = MEMORY_LEN - len;
  memcpy(memory + ptr, in->at, len);
  watch();
  int32_t answer = (int32_t)Z_coreZ_packet_decode(&core, ptr, len, kind, LAYERS, room);
  expect(answer >= 0 && (uint32_t)answer <= room, "no more layers than there is room for");
  range_t out[] = {{1024, FIRST}, {LAYERS, LAYERS + room * LayerAt_End}};
  expect_touched(out, 2);
  expect_layers((uint32_t)answer, len);
}
