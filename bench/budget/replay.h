/* What plays the calls of the micro items to the core as C. The calls are generated: script.ts. */
#ifndef REPLAY_H
#define REPLAY_H

#include <stdint.h>
#include <valgrind/callgrind.h>

#include "core.h" /* by wasm2c */

extern Z_core_instance_t core;

/** A core with this much memory claimed, and nothing in it. */
void begin(const char *item, uint32_t claim_len);

/** Writes the next pages of the file into memory. */
void lay(uint32_t page_count);

/** Ends the program with words unless the core answers here what it answered when recorded. */
void expect(uint32_t answer, uint32_t recorded);

/** What was counted since `begin` is the item's. */
void end(void);

/** Plays all items. */
void play(void);

/* A call before what is counted. */
#define OPENING(pages, recorded, call)  \
  do {                                  \
    lay(pages);                         \
    expect(Z_coreZ_##call, recorded);   \
  } while (0)

/* Only what lies between the two toggles is counted: the call, with its arguments. */
#define STEP(pages, recorded, call)     \
  do {                                  \
    lay(pages);                         \
    CALLGRIND_TOGGLE_COLLECT;           \
    uint32_t answer = Z_coreZ_##call;   \
    CALLGRIND_TOGGLE_COLLECT;           \
    expect(answer, recorded);           \
  } while (0)

#endif
