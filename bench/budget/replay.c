/* The host of the core as C: its memory, and the pages that the recorded calls find there. */
#include "replay.h"

#include "../wasm2c.h"

#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

#define PAGE_LEN 4096

Z_core_instance_t core;

static FILE *pages;
static const char *item_name;

static void give_up(const char *why) {
  fprintf(stderr, "%s: %s\n", item_name, why);
  exit(1);
}

void trapped(void) { give_up("the core trapped"); }

/* ---- what is played ---- */

void begin(const char *item, uint32_t claim_len) {
  item_name = item;
  Z_core_instantiate(&core);
  if ((int32_t)Z_coreZ_memory_claim(&core, claim_len) < 0) give_up("there is no memory");
}

void lay(uint32_t page_count) {
  for (uint32_t left = page_count; left > 0; left--) {
    uint32_t ptr;
    if (fread(&ptr, sizeof ptr, 1, pages) != 1 || ptr > core.w2c_memory.size - PAGE_LEN ||
        fread(core.w2c_memory.data + ptr, PAGE_LEN, 1, pages) != 1) {
      give_up("the pages are not those of the calls");
    }
  }
}

void expect(uint32_t answer, uint32_t recorded) {
  if (answer == recorded) return;
  fprintf(stderr, "%s: the core answers %d, and %d when it was recorded\n", item_name,
          (int32_t)answer, (int32_t)recorded);
  exit(1);
}

void end(void) {
  CALLGRIND_DUMP_STATS_AT(item_name);
  Z_core_free(&core);
}

int main(int argc, char **argv) {
  item_name = "replay";
  pages = argc == 2 ? fopen(argv[1], "rb") : NULL;
  if (pages == NULL) give_up("expected the file of pages");
  Z_core_init_module();
  play();
  return 0;
}

/*
 * ---- memory.copy and memory.fill ----
 * The C library's own take the best instructions that the processor has, so their count is
 * another one on each; these take words.
 */

void *memmove(void *to, const void *from, size_t len) {
  unsigned char *target = to;
  const unsigned char *source = from;
  uint64_t word;
  if (target - source >= (ptrdiff_t)len || target < source) {
    for (; len >= sizeof word; len -= sizeof word) {
      __builtin_memcpy(&word, source, sizeof word);
      __builtin_memcpy(target, &word, sizeof word);
      source += sizeof word;
      target += sizeof word;
    }
    while (len-- > 0) *target++ = *source++;
    return to;
  }
  while (len >= sizeof word) {
    len -= sizeof word;
    __builtin_memcpy(&word, source + len, sizeof word);
    __builtin_memcpy(target + len, &word, sizeof word);
  }
  while (len-- > 0) target[len] = source[len];
  return to;
}

void *memcpy(void *to, const void *from, size_t len) { return memmove(to, from, len); }

void *memset(void *to, int byte, size_t len) {
  unsigned char *target = to;
  uint64_t word = 0x0101010101010101u * (unsigned char)byte;
  for (; len >= sizeof word; len -= sizeof word, target += sizeof word) {
    __builtin_memcpy(target, &word, sizeof word);
  }
  while (len-- > 0) *target++ = (unsigned char)byte;
  return to;
}
