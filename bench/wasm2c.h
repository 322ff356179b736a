/* What the C of wasm2c 1.0.32 asks of its host. The core has no tables, and nobody catches traps. */
#ifndef WASM2C_H
#define WASM2C_H

#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "wasm-rt.h"

#define WASM_PAGE_LEN 65536

/** Does not return. */
void trapped(void);

bool wasm_rt_is_initialized(void) { return true; }

void wasm_rt_trap(wasm_rt_trap_t code) {
  (void)code;
  trapped();
  abort();
}

uint32_t wasm_rt_register_func_type(uint32_t params, uint32_t results, ...) {
  return params * 4 + results + 1;
}

void wasm_rt_allocate_memory(wasm_rt_memory_t *memory, uint32_t page_count, uint32_t max) {
  memory->pages = page_count;
  memory->max_pages = max;
  memory->size = page_count * WASM_PAGE_LEN;
  memory->data = calloc(memory->size, 1);
}

uint32_t wasm_rt_grow_memory(wasm_rt_memory_t *memory, uint32_t more) {
  uint32_t before = memory->pages;
  wasm_rt_memory_t larger;
  if (more > memory->max_pages - before) return UINT32_MAX;
  wasm_rt_allocate_memory(&larger, before + more, memory->max_pages);
  memcpy(larger.data, memory->data, memory->size);
  free(memory->data);
  *memory = larger;
  return before;
}

void wasm_rt_free_memory(wasm_rt_memory_t *memory) { free(memory->data); }

#endif
