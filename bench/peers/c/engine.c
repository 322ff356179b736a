/* The core as wasm2c translates it, working in the memory of the core that the engine runs: so what
   differs is whose instructions they are. */
#include "core.c" /* by wasm2c */
#include "../../wasm2c.h"

#define CAPS_LEN 64 /* the last bytes of the memory, where the bindings leave a node's capacities */

static Z_core_instance_t core;

void trapped(void) { abort(); }

/* Opens a node as the bindings did in the memory at `base`, then goes on in that memory. Returns:
   the node's address there, or a status below zero. */
int32_t engine_open(uintptr_t base, uint32_t len) {
  Z_core_init_module();
  Z_core_instantiate(&core);
  int32_t first = Z_coreZ_memory_claim(&core, len - WASM_PAGE_LEN);
  if (first < 0) return first;
  memcpy(core.w2c_memory.data + len - CAPS_LEN, (uint8_t *)base + len - CAPS_LEN, CAPS_LEN);
  int32_t node = Z_coreZ_node_open(&core, len - CAPS_LEN);
  free(core.w2c_memory.data);
  core.w2c_memory.data = (uint8_t *)base;
  return node;
}

#define ELEMENT(name)                                   \
  int32_t engine_##name(uint32_t node, uint32_t burst) { \
    return Z_coreZ_##name(&core, node, burst);          \
  }

ELEMENT(vxlan_encap_burst)
ELEMENT(vxlan_encap_frame_burst)
ELEMENT(vxlan_decap_burst)
ELEMENT(vxlan_decap_frame_burst)
