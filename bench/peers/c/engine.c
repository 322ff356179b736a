/* The core as wasm2c translates it, working in the memory of the core that the engine runs: so what
   differs is whose instructions they are. */
#include "core.c" /* by wasm2c */

#include <stdlib.h>

#define PAGE_LEN 65536
#define CAPS_LEN 64 /* the last bytes of the memory, where the bindings leave a node's capacities */

static Z_core_instance_t core;

/* Opens a node as the bindings did in the memory at `base`, then goes on in that memory. Returns:
   the node's address there, or a status below zero. */
int32_t engine_open(uintptr_t base, uint32_t len) {
  Z_core_init_module();
  Z_core_instantiate(&core);
  int32_t first = Z_coreZ_memory_claim(&core, len - PAGE_LEN);
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

/* ---- what wasm2c asks of its host ---- */

bool wasm_rt_is_initialized(void) { return true; }

void wasm_rt_trap(wasm_rt_trap_t code) {
  (void)code;
  abort();
}

uint32_t wasm_rt_register_func_type(uint32_t params, uint32_t results, ...) {
  return params * 4 + results + 1;
}

void wasm_rt_allocate_memory(wasm_rt_memory_t *memory, uint32_t page_count, uint32_t max) {
  memory->pages = page_count;
  memory->max_pages = max;
  memory->size = page_count * PAGE_LEN;
  memory->data = calloc(memory->size, 1);
}

uint32_t wasm_rt_grow_memory(wasm_rt_memory_t *memory, uint32_t more) {
  uint32_t before = memory->pages;
  wasm_rt_memory_t larger;
  wasm_rt_allocate_memory(&larger, before + more, memory->max_pages);
  memcpy(larger.data, memory->data, memory->size);
  free(memory->data);
  *memory = larger;
  return before;
}

void wasm_rt_free_memory(wasm_rt_memory_t *memory) { free(memory->data); }
