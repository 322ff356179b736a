/* What the parts of the harness share: the core as C, its memory, and the bytes of one input. */
#ifndef HARNESS_H
#define HARNESS_H

#include <stddef.h>
#include <stdint.h>

#include "core.h"  /* by wasm2c */
#include "world.h" /* by world.ts: layouts, addresses, and the functions of the core */

#define HEADROOM_LEN 128
#define VIRTIO_LEN 10
#define PACKET_LEN_MAX (SLOT_STRIDE - HEADROOM_LEN)

extern Z_core_instance_t core;

/** The core's linear memory, MEMORY_LEN bytes, and how it was when `watch` was called. */
extern uint8_t *memory;
extern uint8_t *before;

/** What is left of the input. */
typedef struct {
  const uint8_t *at;
  size_t len;
} input_t;

/** The next byte or word; zero when nothing is left. */
uint8_t next_byte(input_t *in);
uint32_t next_word(input_t *in);

uint32_t get32(uint32_t at);
uint32_t get16(uint32_t at);
void set32(uint32_t at, uint32_t value);
void set16(uint32_t at, uint32_t value);

/** A range that may have changed. */
typedef struct {
  uint32_t start, end;
} range_t;

/** Remembers all of memory. */
void watch(void);

/** Ends the run unless nothing changed since `watch` but in these ranges, in any order. */
void expect_touched(range_t *ranges, size_t count);

/** Ends the run with words when a law is broken. */
void expect(int is_true, const char *law);

void run_decode(input_t *in);
void run_element(input_t *in, unsigned element);
void run_commands(input_t *in);

/** The functions that take a node, and the places of those that take a burst. */
extern const call_t CALLS[];
extern const unsigned CALL_COUNT;
extern const unsigned ELEMENTS[];
extern const unsigned ELEMENT_COUNT;

/** Lays a burst of `count` packets out, of which nothing is known yet. */
void lay_burst(uint32_t count);

#endif
