/*
 * The core under libFuzzer: its plain build, made C by wasm2c, in a memory of two nodes. The first
 * byte of an input says what the rest is: a packet to decode, packets for an element, or calls. The
 * second node's arena ends where the memory ends, so whoever reads behind a packet there traps; the
 * first node is the neighbor whose bytes nobody may touch.
 */
#include "harness.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

Z_core_instance_t core;
uint8_t *memory;
uint8_t *before;

static uint8_t *kept;           /* what every input begins with */
static Z_core_instance_t fresh; /* and the core's globals */

/* ---- what wasm2c asks of its host ---- */

static int is_ready;

bool wasm_rt_is_initialized(void) { return is_ready; }

void wasm_rt_trap(wasm_rt_trap_t code) {
  fprintf(stderr, "heddle: the core trapped: %d\n", code);
  abort();
}

uint32_t wasm_rt_register_func_type(uint32_t params, uint32_t results, ...) {
  return params * 4 + results + 1; /* there are no tables, so nobody asks again */
}

void wasm_rt_allocate_memory(wasm_rt_memory_t *m, uint32_t pages, uint32_t max_pages) {
  m->pages = pages;
  m->max_pages = max_pages;
  m->size = pages * 65536;
  m->data = calloc(m->size, 1);
}

uint32_t wasm_rt_grow_memory(wasm_rt_memory_t *m, uint32_t delta) {
  uint32_t pages = m->pages;
  if (delta > m->max_pages - pages) return (uint32_t)-1;
  uint8_t *data = calloc((size_t)(pages + delta) * 65536, 1); /* exact, so that ASan watches it */
  memcpy(data, m->data, m->size);
  free(m->data);
  m->data = data;
  m->pages = pages + delta;
  m->size = m->pages * 65536;
  return pages;
}

void wasm_rt_free_memory(wasm_rt_memory_t *m) { free(m->data); }

/* ---- bytes ---- */

uint8_t next_byte(input_t *in) {
  if (in->len == 0) return 0;
  in->len--;
  return *in->at++;
}

uint32_t next_word(input_t *in) {
  uint32_t word = 0;
  for (int at = 0; at < 4; at++) word |= (uint32_t)next_byte(in) << (8 * at);
  return word;
}

uint32_t get32(uint32_t at) {
  uint32_t value;
  memcpy(&value, memory + at, 4);
  return value;
}

uint32_t get16(uint32_t at) {
  uint16_t value;
  memcpy(&value, memory + at, 2);
  return value;
}

void set32(uint32_t at, uint32_t value) { memcpy(memory + at, &value, 4); }

void set16(uint32_t at, uint32_t value) {
  uint16_t narrow = (uint16_t)value;
  memcpy(memory + at, &narrow, 2);
}

/* ---- laws ---- */

void expect(int is_true, const char *law) {
  if (is_true) return;
  fprintf(stderr, "heddle: broken: %s\n", law);
  abort();
}

void watch(void) { memcpy(before, memory, MEMORY_LEN); }

/* Not by memcmp: libFuzzer would take its operands for hints. */
static int differs(const uint8_t *a, const uint8_t *b, size_t len) {
  uint64_t all = 0, x, y;
  size_t at = 0;
  for (; at + 8 <= len; at += 8) {
    memcpy(&x, a + at, 8);
    memcpy(&y, b + at, 8);
    all |= x ^ y;
  }
  for (; at < len; at++) all |= a[at] ^ b[at];
  return all != 0;
}

static void expect_same(uint32_t start, uint32_t end) {
  if (start >= end || !differs(memory + start, before + start, end - start)) return;
  while (memory[start] == before[start]) start++;
  fprintf(stderr, "heddle: byte %u was %u, is %u\n", start, before[start], memory[start]);
  abort();
}

static int by_start(const void *a, const void *b) {
  uint32_t x = ((const range_t *)a)->start, y = ((const range_t *)b)->start;
  return x < y ? -1 : x > y;
}

void expect_touched(range_t *ranges, size_t count) {
  uint32_t at = 0;
  qsort(ranges, count, sizeof *ranges, by_start);
  for (size_t index = 0; index < count; index++) {
    expect_same(at, ranges[index].start);
    if (ranges[index].end > at) at = ranges[index].end;
  }
  expect_same(at, MEMORY_LEN);
}

/* ---- the world ---- */

static uint32_t open_node(const uint8_t *caps) {
  memcpy(memory + MEMORY_LEN - CapsAt_End, caps, CapsAt_End);
  return Z_coreZ_node_open(&core, MEMORY_LEN - CapsAt_End);
}

static void read_image(void) {
  FILE *file = fopen(IMAGE, "rb");
  expect(file != NULL && fread(memory, 1, MEMORY_LEN, file) == MEMORY_LEN, "the image is there");
  fclose(file);
}

int LLVMFuzzerInitialize(int *argc, char ***argv) {
  static const uint8_t first[] = OTHER_CAPS, second[] = NODE_CAPS;
  is_ready = 1;
  Z_core_init_module();
  Z_core_instantiate(&core);
  Z_coreZ_memory_claim(&core, CLAIM_LEN);
  expect(core.w2c_memory.size == MEMORY_LEN, "memory is as long as in the image");
  memory = core.w2c_memory.data;
  expect(open_node(first) == OTHER, "the first node lies as in the image");
  expect(open_node(second) == NODE, "the second node lies as in the image");
  read_image();
  before = malloc(MEMORY_LEN);
  kept = malloc(MEMORY_LEN);
  memcpy(kept, memory, MEMORY_LEN);
  fresh = core;
  return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len) {
  input_t in = {data, len};
  memcpy(memory, kept, MEMORY_LEN);
  core = fresh;
  unsigned what = next_byte(&in);
  if (what < COMMANDS) run_decode(&in);
  else if (what < ELEMENT) run_commands(&in);
  else run_element(&in, (what - ELEMENT) % ELEMENT_COUNT);
  return 0;
}
