/* As much code as makes a module of 100 KB: the header's, and functions that differ in their numbers. */
#include <denizen_pack.h>

#define FUNCTION(n)                                                                                       \
  __attribute__((noinline)) static uint64_t work_##n(uint64_t value) {                                    \
    for (uint64_t turn = value % (n + 3); turn; turn--) {                                                 \
      value = (value ^ value >> (n % 29 + 3)) * (UINT64_C(0x9e3779b97f4a7c15) + 2 * n);                   \
      if (value & UINT64_C(1) << n % 61) value = (value << (n % 31 + 1) | value >> (63 - n % 31)) + n;    \
      else value ^= value / (n + 7) + value % (n + 11);                                                   \
      if (value % (n + 13) == n) return value - n;                                                        \
    }                                                                                                     \
    return value + n;                                                                                     \
  }
#define TEN(DO, n) DO(n##0) DO(n##1) DO(n##2) DO(n##3) DO(n##4) DO(n##5) DO(n##6) DO(n##7) DO(n##8) DO(n##9)
#define HUNDRED(DO, n) \
  TEN(DO, n##0) TEN(DO, n##1) TEN(DO, n##2) TEN(DO, n##3) TEN(DO, n##4) \
  TEN(DO, n##5) TEN(DO, n##6) TEN(DO, n##7) TEN(DO, n##8) TEN(DO, n##9)
#define ALL(DO) HUNDRED(DO, 1) HUNDRED(DO, 2) HUNDRED(DO, 3) HUNDRED(DO, 4) HUNDRED(DO, 5) TEN(DO, 60) TEN(DO, 61) TEN(DO, 62)
ALL(FUNCTION)

static int echo(dz_tick *tick) {
  dz_put_value(tick, "output", dz_input(tick, "input"));
  return DZ_OK;
}

#define CALL(n) value = work_##n(value);

static int work(dz_tick *tick) {
  uint64_t value = (uint64_t)dz_int(dz_input(tick, "input"), 1);
  ALL(CALL)
  dz_put_int(tick, "output", (int64_t)(value & 0xffffffff));
  return DZ_OK;
}

DENIZEN_PACK("hundred", "1.0.0",
  { .name = "hundred.echo", .run = echo, .inports = "input: unknown", .outports = "output: unknown" },
  { .name = "hundred.work", .run = work, .inports = "input: number", .outports = "output: number" })
