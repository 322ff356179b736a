/* Calls of any function with any arguments, right ones among them, on records of any kind. */
#include "harness.h"

#include <string.h>

#define STEPS_MAX 24
#define WALK_MAX 4096
#define RECORD_MAX 64

/* What arguments may point at or count, by the byte that chooses. */
static uint32_t argument(input_t *in) {
  static const uint32_t places[] = {
      NODE, SCRATCH, SCRATCH + 1024, BURST, ARENA, MEMORY_LEN - 64, OTHER, OTHER_SCRATCH,
      MEMORY_LEN, MEMORY_LEN - 8, SCRATCH + SCRATCH_LEN - 32, 0xffffffff, 0x80000000, 0xffff, 256,
      4096,
  };
  uint8_t what = next_byte(in);
  if (what < 64) return what;
  if (what < 240) return places[what % (sizeof places / sizeof *places)];
  if (what < 248) return SCRATCH + (next_byte(in) << 3);
  return next_word(in);
}

/* Milliseconds: whole and rising for the most part. */
static double moment(input_t *in) {
  uint8_t what = next_byte(in);
  if (what == 255) return -1;
  if (what == 254) return 1e300;
  return what * 1000.0 + next_byte(in);
}

static void copy_to(input_t *in, uint32_t at, size_t len) {
  if (len > in->len) len = in->len;
  memcpy(memory + at, in->at, len);
  in->at += len;
  in->len -= len;
}

/* A status that a function may answer with: a mistake, or a port that is none. */
static int is_answer(uint32_t answer) {
  int32_t status = (int32_t)answer;
  return status >= 0 || status > Status_Truncated || status == Status_BadPort;
}

static void one_call(input_t *in) {
  const call_t *call = &CALLS[next_byte(in) % CALL_COUNT];
  uint32_t args[ARGS_MAX] = {0};
  for (unsigned at = 0; at < call->args; at++) args[at] = argument(in);
  if (args[0] < 256 || args[0] == OTHER) args[0] = NODE; /* the other node is nobody's to call */
  expect(is_answer(call->run(args, moment(in))), call->name);
}

/* How a table is walked: by the index behind which to go on, by a cursor, or by the last prefix. */
typedef enum { BY_INDEX, BY_CURSOR, BY_PREFIX } walk_t;

typedef struct {
  uint32_t (*next)(Z_core_instance_t *, uint32_t, uint32_t, uint32_t);
  walk_t how;
  unsigned counted_at;
} table_t;

static uint32_t next_route(Z_core_instance_t *it, uint32_t node, uint32_t unused, uint32_t rec) {
  (void)unused;
  return Z_coreZ_route_next(it, node, rec);
}

static const table_t TABLES[] = {
    {Z_coreZ_port_next, BY_INDEX, NodeInfoAt_Ports},
    {Z_coreZ_domain_next, BY_INDEX, NodeInfoAt_Domains},
    {Z_coreZ_remote_next, BY_INDEX, NodeInfoAt_Remotes},
    {Z_coreZ_hop_next, BY_INDEX, NodeInfoAt_Hops},
    {Z_coreZ_fdb_next, BY_CURSOR, NodeInfoAt_Fdb},
    {Z_coreZ_flood_next, BY_CURSOR, NodeInfoAt_Flood},
    {Z_coreZ_neighbor_next, BY_CURSOR, NodeInfoAt_Neighbors},
    {next_route, BY_PREFIX, NodeInfoAt_Routes},
};
#define TABLE_COUNT (sizeof TABLES / sizeof *TABLES)

static uint32_t count_walk(const table_t *table) {
  uint32_t from = table->how == BY_INDEX ? (uint32_t)-1 : 0;
  if (table->how == BY_PREFIX) {
    memset(memory + SCRATCH, 0, RouteAt_End);
    set16(SCRATCH + RouteAt_Family, 4);
    set16(SCRATCH + RouteAt_Len, 0xffff);
  }
  for (uint32_t count = 0; count < WALK_MAX; count++) {
    int32_t answer = (int32_t)table->next(&core, NODE, from, SCRATCH);
    if (answer == (table->how == BY_CURSOR ? 0 : Status_NotFound)) return count;
    expect(table->how == BY_CURSOR ? answer > 0 : answer == 0, "a walk goes on");
    from = table->how == BY_CURSOR ? (uint32_t)answer : get16(SCRATCH);
  }
  expect(0, "a walk ends");
  return 0;
}

/* Whatever was called, each table holds as much as the node says; an expired station counts until
   it is swept, and no walk comes to it. */
static void expect_counts(void) {
  uint32_t counts[TABLE_COUNT];
  expect((int32_t)Z_coreZ_fdb_age(&core, NODE, 0xffffffff, 0) >= 0, "what has expired is swept");
  expect(Z_coreZ_node_info(&core, NODE, SCRATCH) == 0, "a node tells what it holds");
  for (unsigned at = 0; at < TABLE_COUNT; at++) counts[at] = get32(SCRATCH + TABLES[at].counted_at);
  for (unsigned at = 0; at < TABLE_COUNT; at++) {
    expect(count_walk(&TABLES[at]) == counts[at], "a table holds what the node says");
  }
}

void run_commands(input_t *in) {
  lay_burst(1);
  set32(BURST + BurstAt_Port, next_byte(in) % 8);
  watch();
  for (unsigned step = 0; step < STEPS_MAX && in->len > 0; step++) {
    uint8_t what = next_byte(in);
    uint8_t where = next_byte(in);
    if (what <= RECORD_MAX) copy_to(in, SCRATCH + where * 4, what);
    else if (what < 80) copy_to(in, ARENA + 128 + where, what * 8);
    else one_call(in);
  }
  expect_counts();
  range_t own[] = {{1024, FIRST}, {NODE, MEMORY_LEN}};
  expect_touched(own, 2);
}
