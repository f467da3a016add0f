/*
 * Numbers of the header against those of the C library, which are right. Usage: number_test <seed> <rounds>
 */
#include <math.h>
#include <stdio.h>

#include <denizen_pack.h>

static int nothing(dz_tick *tick) {
  (void)tick;
  return DZ_OK;
}

DENIZEN_PACK("number", "1.0.0", { .name = "number.nothing", .run = nothing })

static uint64_t state;

static uint64_t chance(void) {
  state += 0x9e3779b97f4a7c15;
  uint64_t z = state;
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
  z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
  return z ^ (z >> 31);
}

/** The header reads up to what cannot be part of a number. */
static int reads(const char *text) {
  double ours = dz_parse_number(text), theirs = strtod(text, NULL);
  if (dz_bits_of_double(ours) == dz_bits_of_double(theirs)) return 0;
  printf("%s: read as %.17g and not %.17g\n", text, ours, theirs);
  return 1;
}

static int prints(double value) {
  char text[64];
  size_t length = dz_print_number(text, value);
  if (length > 32) printf("%.17g: written in %zu bytes\n", value, length);
  text[length] = 0;
  if (strtod(text, NULL) == value && length <= 32) return 0;
  printf("%.17g: written as %s\n", value, text);
  return 1;
}

static int round_trip(uint64_t bits) {
  double value = dz_double_of_bits(bits);
  char text[64];
  if (!isfinite(value)) return 0;
  int failures = prints(value);
  for (int digits = 1; digits <= 20; digits += 3) {
    snprintf(text, sizeof text, "%.*e", digits, value);
    failures += reads(text);
  }
  return failures;
}

/** Halfway between two doubles, and as near to that as text can be. */
static int halfway(uint64_t bits) {
  double low = dz_double_of_bits(bits & ~((uint64_t)1 << 63)), high = nextafter(low, INFINITY);
  char text[1200];
  if (!isfinite(high)) return 0;
  snprintf(text, sizeof text, "%.1100Lf", ((long double)low + (long double)high) / 2);
  int failures = strlen(text) < sizeof text - 1 ? reads(text) : 0;
  snprintf(text, sizeof text, "%.1000Le", ((long double)low + (long double)high) / 2);
  failures += reads(text);
  size_t end = strcspn(text, "e");
  text[end - 1] = '1';
  return failures + reads(text);
}

int main(int count, char **values) {
  static const char *const texts[] = {
    "0", "-0", "0.0", "1", "-1", "1e0", "1E+2", "1e-2", "0.1", "4.35", "1e22", "1e23", "9007199254740993", "9007199254740992.5",
    "5e-324", "2.4703282292062327e-324", "2.4703282292062328e-324", "1e-400", "1e400", "-1e400", "1.7976931348623157e308",
    "1.7976931348623159e308", "2.2250738585072011e-308", "2.2250738585072014e-308", "0.000001", "123456789012345678901234567890",
    "0.00000000000000000000000000000000000000000000000001e50", "1e99999999999", "0e99999999999", "8.41e21", "9.5367431640625e-7",
  };
  if (count != 3) return 2;
  state = strtoull(values[1], NULL, 10);
  int failures = 0;
  for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) failures += reads(texts[i]);
  for (long round = strtol(values[2], NULL, 10); round > 0; round--) {
    uint64_t bits = chance();
    failures += round_trip(bits);
    failures += round_trip(dz_bits_of_double((double)(int64_t)bits / 1000));
    failures += round_trip(dz_bits_of_double((double)(float)dz_double_of_bits(bits)));
    if (round % 50 == 0) failures += halfway(bits);
  }
  return failures ? 1 : 0;
}
