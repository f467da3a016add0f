#include <denizen_pack.h>

/** Of each instance, and zero at first. */
typedef struct {
  int64_t count;
} counter;

/** Adds the value of "step", or 1, and returns the sum. */
static int count(dz_tick *tick) {
  counter *self = dz_state(tick);
  self->count += dz_int(dz_input(tick, "step"), 1);
  dz_put_int(tick, "count", self->count);
  return DZ_OK;
}

DENIZEN_PACK("hello", "0.1.0",
  { .name = "hello.counter", .run = count, .state_size = sizeof(counter),
    .inports = "step?: number", .outports = "count: number", .description = "Counts" })
