/*
 * Denizen packs in C: one header for a native library and for a wasm module. The contract is `../ABI.md`.
 *
 *   #include "denizen_pack.h"
 *
 *   typedef struct { int64_t count; } counter;
 *
 *   static int count(dz_tick *tick) {
 *     counter *self = dz_state(tick);
 *     self->count += dz_int(dz_input(tick, "step"), 1);
 *     dz_put_int(tick, "count", self->count);
 *     return DZ_OK;
 *   }
 *
 *   DENIZEN_PACK("hello", "1.0.0",
 *     { .name = "hello.counter", .run = count, .state_size = sizeof(counter),
 *       .inports = "step: number", .outports = "count: number" })
 *
 * Native: cc -std=c11 -O2 -shared -fPIC -fvisibility=hidden pack.c -o libpack.so
 * Wasm: clang --target=wasm32 -std=c11 -O2 -ffreestanding -nostdlib -mbulk-memory -fvisibility=hidden
 *             -Wl,--no-entry -Wl,--strip-all pack.c -o pack.wasm
 *
 * Owns: the table of instances, the frame of a result while it is written, memory of a tick.
 * Does not own: the payload, which belongs to the host and is not valid after the tick.
 * I1. A payload is validated once, before the actor runs: later readers trust its syntax.
 * I2. An instance never moves; its slot is published after it is initialised.
 * I3. A failed writer stays failed; its status is the result of the tick.
 *
 * Include it in exactly one file of a pack. With `#define DENIZEN_PACK_THREADS` above the include, instances
 * may tick on several threads at once: actors then keep to their state. With `#define DENIZEN_PACK_WAIT`,
 * `dz_wait` suspends a wasm tick.
 */
#ifndef DENIZEN_PACK_H
#define DENIZEN_PACK_H

#if defined(DENIZEN_PACK_WAIT) && !defined(_WIN32) && !defined(_POSIX_C_SOURCE)
#define _POSIX_C_SOURCE 200809L
#endif

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
#error "denizen_pack.h is C11: compile the pack as C"
#endif

/* ---- What an author uses ------------------------------------------------------------------------------- */

enum {
  DZ_OK = 0,
  DZ_NO_INSTANCE = -1,
  DZ_NOT_UTF8 = -2,
  DZ_BAD_PAYLOAD = -3,
  DZ_FAILED = -4,
  DZ_UNWRITABLE = -5,
  DZ_NO_MEMORY = -6,
  DZ_PANIC = -99
};

typedef struct dz_tick dz_tick;

/**
 * One template. Ports and config are lists such as "left: number, right: number[]"; the types are
 * TypeScript's and optional.
 */
typedef struct {
  const char *name;
  /** One tick: DZ_OK, or what `dz_fail` returns. */
  int (*run)(dz_tick *tick);
  const char *inports;
  const char *outports;
  const char *config;
  const char *description;
  /** Bytes of state of each instance, zeroed before `create`. */
  size_t state_size;
  /** May be null. Anything but 0 refuses the instance; `destroy` is then not called. */
  int (*create)(void *state);
  /** May be null. */
  void (*destroy)(void *state);
  /** A tick may take long and must not run on the host's own thread. */
  bool blocking;
} dz_template;

typedef enum { DZ_NONE, DZ_NULL, DZ_BOOL, DZ_NUMBER, DZ_STRING, DZ_LIST, DZ_OBJECT, DZ_ATTACHMENT } dz_kind;

/** A value of the payload. `at` is null if there is none. Valid during the tick. */
typedef struct {
  const char *at;
  const char *key;
} dz_value;

/** Text or bytes of `length` bytes, not NUL-terminated. */
typedef struct {
  const char *at;
  size_t length;
} dz_text;

typedef enum { DZ_BYTES, DZ_I8, DZ_U16, DZ_I16, DZ_U32, DZ_I32, DZ_F32, DZ_F64, DZ_I64, DZ_U64 } dz_element;

/**
 * A typed array. `at` is aligned to 8, and null if the value is not an attachment. `length` counts elements.
 */
typedef struct {
  const void *at;
  size_t length;
  dz_element element;
} dz_array;

#define DZ_API static inline __attribute__((unused))
/** Marks code that runs rarely, which is kept apart from hot code. */
#define DZ_COLD static __attribute__((unused, noinline, cold))

/* The tick. */
DZ_API void *dz_state(dz_tick *tick);
/** What came in on a port. */
DZ_API dz_value dz_input(dz_tick *tick, const char *port);
/** What the instance was configured with. */
DZ_API dz_value dz_config(dz_tick *tick, const char *key);
/** Ends the tick with an error: `return dz_fail(tick, "Cannot divide as the divisor is 0")`. */
DZ_COLD int dz_fail(dz_tick *tick, const char *text);
/** Memory until the end of the tick, aligned to 16; null if there is none left. */
DZ_API void *dz_scratch(dz_tick *tick, size_t size);

/* Reading. Every reader returns `otherwise` for a missing value or one of another kind. */
DZ_API dz_kind dz_kind_of(dz_value value);
DZ_API bool dz_bool(dz_value value, bool otherwise);
DZ_API double dz_number(dz_value value, double otherwise);
/** A whole number that fits; others count as absent. */
DZ_API int64_t dz_int(dz_value value, int64_t otherwise);
/** A string's text without escapes, UTF-8; `at` is null for another kind. A lone surrogate becomes U+FFFD. */
DZ_API dz_text dz_string(dz_tick *tick, dz_value value);
DZ_API bool dz_equals(dz_value value, const char *text);
/** An attachment of any element. */
DZ_API dz_array dz_attachment(dz_tick *tick, dz_value value);
/** An attachment of exactly this element. */
DZ_API dz_array dz_array_of(dz_tick *tick, dz_value value, dz_element element);
DZ_API size_t dz_element_size(dz_element element);
/** A member of an object. */
DZ_API dz_value dz_get(dz_value object, const char *key);
/** `for (dz_value item = dz_first(list); item.at; item = dz_next(item))`, over lists and objects. */
DZ_API dz_value dz_first(dz_value value);
DZ_API dz_value dz_next(dz_value item);
/** The name of a member reached by `dz_first` and `dz_next`. */
DZ_API dz_text dz_key(dz_tick *tick, dz_value item);

/* Writing. `port` names an outport, a key inside an object, and is null inside a list. */
DZ_API void dz_put_null(dz_tick *tick, const char *port);
DZ_API void dz_put_bool(dz_tick *tick, const char *port, bool value);
DZ_API void dz_put_int(dz_tick *tick, const char *port, int64_t value);
/** Must be finite. */
DZ_API void dz_put_number(dz_tick *tick, const char *port, double value);
DZ_API void dz_put_string(dz_tick *tick, const char *port, const char *text);
/** Must be UTF-8. */
DZ_API void dz_put_text(dz_tick *tick, const char *port, dz_text text);
/** A value of the payload as it came, attachments too. */
DZ_COLD void dz_put_value(dz_tick *tick, const char *port, dz_value value);
/** Room for bytes that the caller fills before the next `dz_put`; null if there is no memory. */
DZ_API void *dz_put_bytes(dz_tick *tick, const char *port, size_t length);
DZ_API void *dz_put_array(dz_tick *tick, const char *port, dz_element element, size_t length);
DZ_API void dz_open_list(dz_tick *tick, const char *port);
DZ_API void dz_open_object(dz_tick *tick, const char *port);
DZ_API void dz_close(dz_tick *tick);

#ifdef DENIZEN_PACK_WAIT
/** Waits without working: natively the thread sleeps, in wasm the tick is suspended. */
DZ_API void dz_wait(dz_tick *tick, uint32_t ms);
#endif

/* Memory that outlives a tick, aligned to 16 natively and to 8 in wasm; counted by `denizen_pack_live`. */
DZ_API void *dz_alloc(size_t size);
DZ_COLD void *dz_resize(void *memory, size_t old_size, size_t size);
DZ_API void dz_free(void *memory);

/* ---- The machine underneath ---------------------------------------------------------------------------- */

#define DZ_ABI_VERSION ((1u << 16) | 0u)
#define DZ_FRAME_MAX ((size_t)256 << 20)
#define DZ_DEPTH_MAX 256
#define DZ_JSON_SLACK 256

#if defined(__wasm__)
#define DZ_EXPORT(name) __attribute__((export_name(#name), used, visibility("default")))
typedef uint32_t dz_size;
#elif defined(_WIN32)
#define DZ_EXPORT(name) __attribute__((used)) __declspec(dllexport)
typedef size_t dz_size;
#else
#define DZ_EXPORT(name) __attribute__((used, visibility("default")))
typedef size_t dz_size;
#endif

#if defined(__wasm__)
#include "denizen_pack_wasm.h"
#else
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
static atomic_uint dz_live;
#define dz_live_add(n) atomic_fetch_add_explicit(&dz_live, (unsigned)(n), memory_order_relaxed)
#define dz_live_count() atomic_load_explicit(&dz_live, memory_order_relaxed)
#define dz_raw_alloc(size) malloc(size)
#define dz_raw_free(memory) free(memory)
typedef atomic_flag dz_lock;
#define DZ_LOCK_INIT ATOMIC_FLAG_INIT
DZ_API void dz_lock_take(dz_lock *lock) {
  while (atomic_flag_test_and_set_explicit(lock, memory_order_acquire)) {
  }
}
DZ_API void dz_lock_release(dz_lock *lock) { atomic_flag_clear_explicit(lock, memory_order_release); }
#define DZ_SHARED(type) _Atomic(type)
#define dz_load(place) atomic_load_explicit(place, memory_order_acquire)
#define dz_store(place, value) atomic_store_explicit(place, value, memory_order_release)
#endif

DZ_API void *dz_alloc(size_t size) {
  void *memory = size == 0 || size > (size_t)PTRDIFF_MAX ? NULL : dz_raw_alloc(size);
  if (memory) dz_live_add(1);
  return memory;
}

DZ_API void dz_free(void *memory) {
  if (!memory) return;
  dz_live_add(-1);
  dz_raw_free(memory);
}

DZ_COLD void *dz_resize(void *memory, size_t old_size, size_t size) {
  void *grown = dz_alloc(size);
  if (!grown) return NULL;
  if (memory) memcpy(grown, memory, old_size < size ? old_size : size);
  dz_free(memory);
  return grown;
}

/** Copies memory that does not overlap. */
DZ_API void dz_copy(void *to, const void *from, size_t size) {
#ifdef __wasm__
  /* Most copies are short, and the instruction for them is a call out of the module. */
  uint64_t first, last;
  if (size >= 8 && size <= 16) {
    memcpy(&first, from, 8);
    memcpy(&last, (const uint8_t *)from + size - 8, 8);
    memcpy(to, &first, 8);
    memcpy((uint8_t *)to + size - 8, &last, 8);
    return;
  }
  if (size < 8) {
    for (size_t i = 0; i < size; i++) ((volatile uint8_t *)to)[i] = ((const uint8_t *)from)[i];
    return;
  }
#endif
  if (size) memcpy(to, from, size);
}

DZ_API size_t dz_align8(size_t size) { return (size + 7) & ~(size_t)7; }

/** Memory of the host that is not in the frame: section 6 of ABI.md. */
typedef struct {
  uint64_t address;
  uint64_t length;
} dz_span;

/** The memory of a payload's attachments. */
typedef struct {
  const uint8_t *frame;
  uint64_t frame_length;
  const dz_span *spans;
  uint32_t count;
} dz_attached;

/**
 * The address of `length` elements; null if they exceed the memory. The upper half of an offset is the
 * span's number.
 */
DZ_API const uint8_t *dz_place(const dz_attached *came, uint64_t offset, uint64_t length, uint32_t width) {
  static const uint64_t nothing = 0;
  uint64_t span = offset >> 32, at = offset & UINT32_MAX, size = length * width, room;
  const uint8_t *base;
  if (span > came->count) return NULL;
  if (span == 0) {
    base = came->frame;
    room = came->frame_length;
  } else {
    base = (const uint8_t *)(uintptr_t)came->spans[span - 1].address;
    room = came->spans[span - 1].length;
  }
  if (at % 8 != 0 || at > room || size > room - at) return NULL;
  if (size == 0) return (const uint8_t *)&nothing;
  return ((uintptr_t)base + at) % width == 0 ? base + at : NULL;
}

typedef struct dz_block {
  struct dz_block *next;
  uint64_t padding;
} dz_block;

typedef struct {
  uint32_t id;
  uint32_t factory;
  /** A result or an error for `denizen_actor_take`. */
  uint8_t *kept;
  size_t kept_length;
  void *state;
  uint64_t padding;
} dz_instance;

struct dz_tick {
  dz_instance *instance;
  const char *input;
  const char *config;
  dz_attached came;
  dz_block *scratch;
  /*
   * The result: `start` bytes, then JSON up to `json`, and attachments from `base` (0: none) up to
   * `base + attached`.
   */
  uint8_t *frame;
  size_t capacity;
  size_t start;
  size_t json;
  size_t base;
  size_t attached;
  bool owned;
  /** No comma is needed before the next value. */
  bool fresh;
  uint32_t depth;
  int32_t status;
  const char *error;
  uint8_t lists[DZ_DEPTH_MAX / 8];
};

/* ---- Numbers: exact in both directions, by whole numbers of any length --------------------------------- */

typedef struct {
  uint32_t count;
  uint32_t limb[132];
} dz_big;

DZ_API void dz_big_set(dz_big *big, uint64_t value) {
  big->limb[0] = (uint32_t)value;
  big->limb[1] = (uint32_t)(value >> 32);
  big->count = big->limb[1] ? 2 : big->limb[0] ? 1 : 0;
}

DZ_COLD void dz_big_multiply(dz_big *big, uint32_t factor, uint32_t plus) {
  uint64_t carry = plus;
  for (uint32_t i = 0; i < big->count; i++) {
    carry += (uint64_t)big->limb[i] * factor;
    big->limb[i] = (uint32_t)carry;
    carry >>= 32;
  }
  if (carry) big->limb[big->count++] = (uint32_t)carry;
}

DZ_COLD void dz_big_power10(dz_big *big, uint32_t exponent) {
  for (; exponent >= 9; exponent -= 9) dz_big_multiply(big, 1000000000u, 0);
  for (; exponent > 0; exponent--) dz_big_multiply(big, 10, 0);
}

DZ_COLD void dz_big_shift_left(dz_big *big, uint32_t bits) {
  uint32_t limbs = bits / 32, rest = bits % 32;
  if (big->count == 0 || bits == 0) return;
  if (rest) dz_big_multiply(big, 1u << rest, 0);
  for (uint32_t i = big->count; limbs && i-- > 0;) big->limb[i + limbs] = big->limb[i];
  for (uint32_t i = 0; i < limbs; i++) big->limb[i] = 0;
  big->count += limbs;
}

DZ_API uint32_t dz_big_bits(const dz_big *big) {
  return big->count ? big->count * 32 - (uint32_t)__builtin_clz(big->limb[big->count - 1]) : 0;
}

DZ_COLD int dz_big_compare(const dz_big *left, const dz_big *right) {
  if (left->count != right->count) return left->count < right->count ? -1 : 1;
  for (uint32_t i = left->count; i-- > 0;) {
    if (left->limb[i] != right->limb[i]) return left->limb[i] < right->limb[i] ? -1 : 1;
  }
  return 0;
}

DZ_COLD void dz_big_subtract(dz_big *big, const dz_big *less) {
  uint64_t borrow = 0;
  for (uint32_t i = 0; i < big->count; i++) {
    uint64_t take = (i < less->count ? less->limb[i] : 0) + borrow;
    borrow = big->limb[i] < take;
    big->limb[i] = (uint32_t)(big->limb[i] - take);
  }
  while (big->count && big->limb[big->count - 1] == 0) big->count--;
}

DZ_COLD void dz_big_halve(dz_big *big) {
  for (uint32_t i = 0; i < big->count; i++) {
    uint32_t above = i + 1 < big->count ? big->limb[i + 1] : 0;
    big->limb[i] = (big->limb[i] >> 1) | (above << 31);
  }
  if (big->count && big->limb[big->count - 1] == 0) big->count--;
}

/**
 * `number / divisor`, which must fit in 64 bits; the remainder stays in `number`, the divisor in `divisor`.
 */
DZ_COLD uint64_t dz_big_divide(dz_big *number, dz_big *divisor) {
  uint32_t bits = dz_big_bits(number), less = dz_big_bits(divisor);
  if (bits < less) return 0;
  uint64_t quotient = 0;
  dz_big_shift_left(divisor, bits - less);
  for (uint32_t i = bits - less + 1; i-- > 0;) {
    quotient <<= 1;
    if (dz_big_compare(number, divisor) >= 0) {
      dz_big_subtract(number, divisor);
      quotient |= 1;
    }
    if (i) dz_big_halve(divisor);
  }
  return quotient;
}

DZ_API double dz_double_of_bits(uint64_t bits) {
  double value;
  memcpy(&value, &bits, sizeof value);
  return value;
}

DZ_API uint64_t dz_bits_of_double(double value) {
  uint64_t bits;
  memcpy(&bits, &value, sizeof bits);
  return bits;
}

/** `number / divisor` as the nearest double, ties to even; infinity when it is too large. */
DZ_COLD double dz_big_ratio(dz_big *number, dz_big *divisor) {
  if (number->count == 0) return 0;
  int32_t scale = 63 - ((int32_t)dz_big_bits(number) - (int32_t)dz_big_bits(divisor));
  if (scale > 0) dz_big_shift_left(number, (uint32_t)scale);
  else dz_big_shift_left(divisor, (uint32_t)-scale);
  uint64_t quotient = dz_big_divide(number, divisor);
  bool sticky = number->count != 0;
  int32_t length = 64 - __builtin_clzll(quotient);
  int32_t exponent = length - 1 - scale;
  int32_t kept = exponent >= -1022 ? 53 : 53 - (-1022 - exponent);
  if (exponent > 1023) return dz_double_of_bits((uint64_t)0x7ff << 52);
  if (kept < 0) return 0;
  int32_t dropped = length - kept;
  uint64_t mantissa = dropped >= 64 ? 0 : quotient >> dropped;
  uint64_t half = (uint64_t)1 << (dropped - 1);
  uint64_t rest = quotient & (half | (half - 1));
  if (rest > half || (rest == half && (sticky || (mantissa & 1)))) mantissa++;
  /* A carry out of the mantissa raises the exponent by itself, up to infinity. */
  uint64_t biased = exponent >= -1022 ? (uint64_t)(exponent + 1022) << 52 : 0;
  return dz_double_of_bits(biased + mantissa);
}

static const double dz_powers10[23] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,  1e8,  1e9,  1e10, 1e11,
                                       1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};

DZ_API bool dz_is_digit(char c) { return c >= '0' && c <= '9'; }

/** The number with the digits and point between `from` and `end`, times `10^exponent` of its last digit. */
DZ_COLD double dz_parse_exactly(const char *from, const char *end, int32_t exponent) {
  dz_big number, divisor;
  dz_big_set(&number, 0);
  dz_big_set(&divisor, 1);
  int32_t used = 0;
  for (const char *p = from; p < end; p++) {
    if (*p == '.' || (used == 0 && *p == '0')) continue;
    /* What follows 780 digits cannot decide but by being there. */
    if (used < 780) dz_big_multiply(&number, 10, (uint32_t)(*p - '0'));
    else if (*p != '0') number.limb[0] |= 1;
    used++;
  }
  if (used > 780) exponent += used - 780;
  if (exponent > 0) dz_big_power10(&number, (uint32_t)exponent);
  else dz_big_power10(&divisor, (uint32_t)-exponent);
  return dz_big_ratio(&number, &divisor);
}

/** The number at `at`, whose grammar was checked. */
DZ_API double dz_parse_number(const char *at) {
  bool negative = *at == '-';
  const char *from = negative ? at + 1 : at;
  uint64_t mantissa = 0;
  int32_t digits = 0, exponent = 0;
  bool fraction = false;
  const char *p = from;
  for (; dz_is_digit(*p) || *p == '.'; p++) {
    if (*p == '.') {
      fraction = true;
      continue;
    }
    if (digits < 19) mantissa = mantissa * 10 + (uint64_t)(*p - '0');
    if (digits > 0 || *p != '0') digits++;
    if (fraction) exponent--;
  }
  const char *end = p;
  if (*p == 'e' || *p == 'E') {
    p++;
    bool minus = *p == '-';
    if (*p == '-' || *p == '+') p++;
    int32_t written = 0;
    for (; dz_is_digit(*p); p++) written = written < 100000 ? written * 10 + (*p - '0') : written;
    exponent += minus ? -written : written;
  }
  double value;
  if (digits == 0) value = 0;
  else if (digits <= 19 && mantissa < ((uint64_t)1 << 53) && exponent >= -22 && exponent <= 22) {
    value = exponent < 0 ? (double)mantissa / dz_powers10[-exponent] : (double)mantissa * dz_powers10[exponent];
  } else if (digits + exponent > 310) value = dz_double_of_bits((uint64_t)0x7ff << 52);
  else if (digits + exponent < -342) value = 0;
  else value = dz_parse_exactly(from, end, exponent);
  return negative ? -value : value;
}

DZ_API size_t dz_print_unsigned(char *to, uint64_t value) {
  char digits[20];
  size_t count = 0;
  do {
    digits[count++] = (char)('0' + value % 10);
    value /= 10;
  } while (value);
  for (size_t i = 0; i < count; i++) to[i] = digits[count - 1 - i];
  return count;
}

DZ_API size_t dz_print_int(char *to, int64_t value) {
  if (value >= 0) return dz_print_unsigned(to, (uint64_t)value);
  *to = '-';
  return 1 + dz_print_unsigned(to + 1, 0 - (uint64_t)value);
}

/** `digits × 10^exponent` as JSON, with an exponent only where the number would be long. At most 28 bytes. */
DZ_COLD size_t dz_print_decimal(char *to, uint64_t digits, int32_t exponent) {
  while (digits && digits % 10 == 0) {
    digits /= 10;
    exponent++;
  }
  char text[20];
  int32_t count = (int32_t)dz_print_unsigned(text, digits), point = count + exponent, size = 0;
  if (exponent >= 0 && point <= 21) {
    for (int32_t i = 0; i < point; i++) to[size++] = i < count ? text[i] : '0';
  } else if (point > 0 && point <= 21) {
    for (int32_t i = 0; i < count; i++) {
      if (i == point) to[size++] = '.';
      to[size++] = text[i];
    }
  } else if (point <= 0 && point > -6) {
    to[size++] = '0';
    to[size++] = '.';
    for (int32_t i = 0; i < -point; i++) to[size++] = '0';
    for (int32_t i = 0; i < count; i++) to[size++] = text[i];
  } else {
    to[size++] = text[0];
    if (count > 1) to[size++] = '.';
    for (int32_t i = 1; i < count; i++) to[size++] = text[i];
    to[size++] = 'e';
    size += (int32_t)dz_print_int(to + size, point - 1);
  }
  return (size_t)size;
}

/** The 17 leading digits of a positive double; `*exponent` is the power of ten of the last one. */
DZ_COLD uint64_t dz_digits17(double value, int32_t *exponent) {
  uint64_t bits = dz_bits_of_double(value), mantissa = bits & (((uint64_t)1 << 52) - 1);
  int32_t biased = (int32_t)(bits >> 52) & 0x7ff, power = (biased ? biased : 1) - 1075;
  if (biased) mantissa |= (uint64_t)1 << 52;
  int32_t top = 63 - __builtin_clzll(mantissa) + power;
  int32_t last = (int32_t)((int64_t)top * 30103 / 100000) - 17;
  for (;; last++) {
    dz_big number, divisor;
    dz_big_set(&number, mantissa);
    dz_big_set(&divisor, 1);
    if (power > 0) dz_big_shift_left(&number, (uint32_t)power);
    else dz_big_shift_left(&divisor, (uint32_t)-power);
    if (last < 0) dz_big_power10(&number, (uint32_t)-last);
    else dz_big_power10(&divisor, (uint32_t)last);
    dz_big whole = divisor;
    uint64_t quotient = dz_big_divide(&number, &whole);
    dz_big_shift_left(&number, 1);
    if (dz_big_compare(&number, &divisor) >= 0) quotient++;
    if (quotient < 100000000000000000u) {
      *exponent = last;
      return quotient;
    }
  }
}

/** The shortest of 15, 16 and 17 digits that reads back as the same double. At most 32 bytes. */
DZ_COLD size_t dz_print_number(char *to, double value) {
  size_t size = 0;
  if (value < 0) {
    to[size++] = '-';
    value = -value;
  }
  if (value < 9007199254740992.0 && value == (double)(int64_t)value) {
    return size + dz_print_unsigned(to + size, (uint64_t)value);
  }
  for (int32_t places = 1; places <= 15 && value >= 1e-5 && value < 1e15; places++) {
    double scaled = value * dz_powers10[places];
    if (scaled >= 1e15) break;
    uint64_t whole = (uint64_t)(scaled + 0.5);
    if ((double)whole / dz_powers10[places] == value) return size + dz_print_decimal(to + size, whole, -places);
  }
  int32_t exponent;
  uint64_t digits = dz_digits17(value, &exponent);
  for (uint64_t cut = 100; cut > 1; cut /= 10) {
    char text[40];
    uint64_t rounded = (digits + cut / 2) / cut;
    int32_t shift = cut == 100 ? 2 : 1;
    text[dz_print_decimal(text, rounded, exponent + shift)] = 0;
    if (dz_parse_number(text) == value) return size + dz_print_decimal(to + size, rounded, exponent + shift);
  }
  return size + dz_print_decimal(to + size, digits, exponent);
}

/* ---- Checking a payload -------------------------------------------------------------------------------- */

static const char *const dz_element_names[] = {"$bytes", "$i8", "$u16", "$i16", "$u32", "$i32", "$f32", "$f64", "$i64", "$u64"};
static const uint8_t dz_element_sizes[] = {1, 1, 2, 2, 4, 4, 4, 8, 8, 8};
#define DZ_ELEMENTS 10

DZ_API size_t dz_element_size(dz_element element) { return dz_element_sizes[element]; }

DZ_API size_t dz_length(const char *text) {
  size_t length = 0;
  while (text[length]) length++;
  return length;
}

/**
 * The number of bytes from `p` on that a JSON string contains unescaped: no quote, no backslash, nothing
 * below a space.
 */
DZ_API size_t dz_plain_run(const char *p, const char *end) {
  const uint64_t ones = 0x0101010101010101u, tops = 0x8080808080808080u;
  const char *from = p;
  for (uint64_t word; end - p >= 8; p += 8) {
    memcpy(&word, p, 8);
    uint64_t quote = word ^ ones * '"', backslash = word ^ ones * '\\';
    /* Finds a byte less than another: borrows affect only bytes above a found one, never below. */
    if (((quote - ones) & ~quote & tops) | ((backslash - ones) & ~backslash & tops) | ((word - ones * 0x20) & ~word & tops)) break;
  }
  while (p < end && (uint8_t)*p >= 0x20 && *p != '"' && *p != '\\') p++;
  return (size_t)(p - from);
}

DZ_API bool dz_utf8_valid(const uint8_t *p, size_t length) {
  const uint8_t *end = p + length;
  while (p < end) {
    uint64_t word;
    if (end - p >= 8 && (memcpy(&word, p, 8), (word & 0x8080808080808080u) == 0)) {
      p += 8;
      continue;
    }
    uint8_t c = *p++;
    if (c < 0x80) continue;
    int more = c >= 0xf0 ? 3 : c >= 0xe0 ? 2 : 1;
    if (c < 0xc2 || c > 0xf4 || end - p < more) return false;
    if ((c == 0xe0 && *p < 0xa0) || (c == 0xed && *p > 0x9f) || (c == 0xf0 && *p < 0x90) || (c == 0xf4 && *p > 0x8f)) {
      return false;
    }
    for (; more > 0; more--) {
      if ((*p++ & 0xc0) != 0x80) return false;
    }
  }
  return true;
}

typedef struct {
  const char *at;
  const char *end;
  const dz_attached *came;
} dz_check;

DZ_API void dz_check_space(dz_check *check) {
  while (check->at < check->end && (*check->at == ' ' || *check->at == '\n' || *check->at == '\r' || *check->at == '\t')) {
    check->at++;
  }
}

DZ_API bool dz_check_char(dz_check *check, char c) {
  if (check->at == check->end || *check->at != c) return false;
  check->at++;
  return true;
}

DZ_API int dz_hex(char c) {
  if (dz_is_digit(c)) return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

DZ_API bool dz_check_string(dz_check *check) {
  if (!dz_check_char(check, '"')) return false;
  const char *p = check->at, *end = check->end;
  while ((p += dz_plain_run(p, end)) < end && *p == '\\') {
    if (++p == end) return false;
    char c = *p++;
    if (c == 'u') {
      for (int i = 0; i < 4; i++, p++) {
        if (p == end || dz_hex(*p) < 0) return false;
      }
    } else if (!(c == '"' || c == '\\' || c == '/' || c == 'b' || c == 'f' || c == 'n' || c == 'r' || c == 't')) {
      return false;
    }
  }
  check->at = p;
  return dz_check_char(check, '"');
}

DZ_API bool dz_check_digits(dz_check *check) {
  const char *from = check->at;
  while (check->at < check->end && dz_is_digit(*check->at)) check->at++;
  return check->at > from;
}

DZ_API bool dz_check_number(dz_check *check) {
  dz_check_char(check, '-');
  if (!dz_check_char(check, '0') && !dz_check_digits(check)) return false;
  if (dz_check_char(check, '.') && !dz_check_digits(check)) return false;
  if (dz_check_char(check, 'e') || dz_check_char(check, 'E')) {
    if (!dz_check_char(check, '+')) dz_check_char(check, '-');
    return dz_check_digits(check);
  }
  return true;
}

DZ_API bool dz_check_word(dz_check *check, const char *word) {
  for (; *word; word++) {
    if (!dz_check_char(check, *word)) return false;
  }
  return true;
}

DZ_API uint32_t dz_decode_unit(const char *hex) {
  uint32_t unit = 0;
  for (int i = 0; i < 4; i++) unit = unit * 16 + (uint32_t)dz_hex(hex[i]);
  return unit;
}

/** Decodes one character of a checked string; `to` has room for 4 bytes. Returns what follows it. */
DZ_COLD const char *dz_decode_char(const char *p, char *to, size_t *size) {
  *size = 1;
  if (*p != '\\') {
    *to = *p;
    return p + 1;
  }
  if (p[1] != 'u') {
    static const char from[] = "bfnrt", into[] = "\b\f\n\r\t";
    *to = p[1];
    for (int i = 0; i < 5; i++) {
      if (p[1] == from[i]) *to = into[i];
    }
    return p + 2;
  }
  uint32_t unit = dz_decode_unit(p + 2);
  p += 6;
  if (unit >= 0xd800 && unit < 0xdc00 && p[0] == '\\' && p[1] == 'u') {
    uint32_t low = dz_decode_unit(p + 2);
    if (low >= 0xdc00 && low < 0xe000) {
      unit = 0x10000 + ((unit - 0xd800) << 10) + (low - 0xdc00);
      p += 6;
    }
  }
  if (unit >= 0xd800 && unit < 0xe000) unit = 0xfffd;
  if (unit < 0x80) to[0] = (char)unit;
  else if (unit < 0x800) {
    *size = 2;
    to[0] = (char)(0xc0 | (unit >> 6));
    to[1] = (char)(0x80 | (unit & 0x3f));
  } else if (unit < 0x10000) {
    *size = 3;
    to[0] = (char)(0xe0 | (unit >> 12));
    to[1] = (char)(0x80 | ((unit >> 6) & 0x3f));
    to[2] = (char)(0x80 | (unit & 0x3f));
  } else {
    *size = 4;
    to[0] = (char)(0xf0 | (unit >> 18));
    to[1] = (char)(0x80 | ((unit >> 12) & 0x3f));
    to[2] = (char)(0x80 | ((unit >> 6) & 0x3f));
    to[3] = (char)(0x80 | (unit & 0x3f));
  }
  return p;
}

/** Whether the checked string at `quote` is `text`. */
DZ_API bool dz_string_is(const char *quote, const char *text) {
  const char *p = quote + 1;
  while (*p != '"') {
    if (*p != '\\') {
      if (*text == 0 || *text++ != *p++) return false;
      continue;
    }
    char c[4];
    size_t size;
    p = dz_decode_char(p, c, &size);
    for (size_t i = 0; i < size; i++) {
      if (*text == 0 || *text++ != c[i]) return false;
    }
  }
  return *text == 0;
}

DZ_API bool dz_check_size(dz_check *check, uint64_t *size) {
  dz_check_space(check);
  const char *from = check->at;
  if (!dz_check_digits(check) || check->at - from > 15 || (*from == '0' && check->at - from > 1)) return false;
  *size = 0;
  for (const char *p = from; p < check->at; p++) *size = *size * 10 + (uint64_t)(*p - '0');
  dz_check_space(check);
  return true;
}

/** The element whose name the checked string at `quote` is, or -1. */
DZ_API int dz_element_named(const char *quote) {
  if (quote[1] != '$' && quote[1] != '\\') return -1;
  for (int element = 0; element < DZ_ELEMENTS; element++) {
    if (dz_string_is(quote, dz_element_names[element])) return element;
  }
  return -1;
}

typedef enum { DZ_IS_OBJECT, DZ_IS_ATTACHMENT, DZ_IS_WRONG, DZ_IS_WRONG_IF_ALONE } dz_finding;

/** Before the first key of an object: what the object is. Goes past it if it is an attachment. */
DZ_API dz_finding dz_check_attachment(dz_check *check) {
  dz_check ahead = *check;
  uint64_t offset, length;
  if (!dz_check_string(&ahead)) return DZ_IS_OBJECT;
  int element = dz_element_named(check->at);
  if (element < 0) return DZ_IS_OBJECT;
  dz_check_space(&ahead);
  if (!dz_check_char(&ahead, ':')) return DZ_IS_WRONG;
  dz_check_space(&ahead);
  if (!dz_check_char(&ahead, '[') || !dz_check_size(&ahead, &offset) || !dz_check_char(&ahead, ',') ||
      !dz_check_size(&ahead, &length) || !dz_check_char(&ahead, ']')) {
    return DZ_IS_WRONG_IF_ALONE;
  }
  dz_check_space(&ahead);
  if (!dz_check_char(&ahead, '}')) return DZ_IS_OBJECT;
  if (length > DZ_FRAME_MAX || !dz_place(check->came, offset, length, dz_element_sizes[element])) return DZ_IS_WRONG;
  check->at = ahead.at;
  return DZ_IS_ATTACHMENT;
}

DZ_API bool dz_check_scalar(dz_check *check) {
  switch (*check->at) {
    case '"': return dz_check_string(check);
    case 't': return dz_check_word(check, "true");
    case 'f': return dz_check_word(check, "false");
    case 'n': return dz_check_word(check, "null");
    default: return dz_check_number(check);
  }
}

DZ_API bool dz_check_key(dz_check *check) {
  dz_check_space(check);
  if (!dz_check_string(check)) return false;
  dz_check_space(check);
  return dz_check_char(check, ':');
}

/** Whether one value stands at `check->at`, with its attachments inside the frame. Without recursion. */
DZ_API bool dz_check_value(dz_check *check) {
  uint8_t lists[DZ_DEPTH_MAX / 8] = {0}, suspects[DZ_DEPTH_MAX / 8] = {0};
  uint32_t depth = 0;
  for (;;) {
    dz_check_space(check);
    if (check->at == check->end) return false;
    bool opened = false;
    if (*check->at == '{' || *check->at == '[') {
      bool list = *check->at++ == '[';
      if (depth == DZ_DEPTH_MAX) return false;
      dz_check_space(check);
      if (!dz_check_char(check, list ? ']' : '}')) {
        dz_finding finding = list ? DZ_IS_OBJECT : dz_check_attachment(check);
        if (finding == DZ_IS_WRONG) return false;
        if (finding != DZ_IS_ATTACHMENT) {
          uint8_t bit = (uint8_t)(1u << (depth % 8));
          lists[depth / 8] = (uint8_t)(list ? lists[depth / 8] | bit : lists[depth / 8] & ~bit);
          suspects[depth / 8] = (uint8_t)(finding == DZ_IS_WRONG_IF_ALONE ? suspects[depth / 8] | bit : suspects[depth / 8] & ~bit);
          depth++;
          opened = true;
          if (!list && !dz_check_key(check)) return false;
        }
      }
    } else if (!dz_check_scalar(check)) return false;
    if (opened) continue;
    for (;;) {
      if (depth == 0) return true;
      uint32_t byte = (depth - 1) / 8;
      uint8_t bit = (uint8_t)(1u << ((depth - 1) % 8));
      bool list = lists[byte] & bit;
      dz_check_space(check);
      if (dz_check_char(check, ',')) {
        suspects[byte] = (uint8_t)(suspects[byte] & ~bit);
        if (!list && !dz_check_key(check)) return false;
        break;
      }
      if (!dz_check_char(check, list ? ']' : '}') || (suspects[byte] & bit)) return false;
      depth--;
    }
  }
}

/* ---- Walking over a checked payload -------------------------------------------------------------------- */

DZ_API const char *dz_skip_space(const char *p) {
  while (*p == ' ' || *p == '\n' || *p == '\r' || *p == '\t') p++;
  return p;
}

DZ_API const char *dz_skip_string(const char *p) {
  for (p++; *p != '"'; p++) {
    if (*p == '\\') p++;
  }
  return p + 1;
}

DZ_API const char *dz_skip_value(const char *p) {
  if (*p == '"') return dz_skip_string(p);
  if (*p != '{' && *p != '[') {
    while (*p != ',' && *p != '}' && *p != ']' && *p != ' ' && *p != '\n' && *p != '\r' && *p != '\t') p++;
    return p;
  }
  for (size_t depth = 0;;) {
    if (*p == '"') {
      p = dz_skip_string(p);
      continue;
    }
    if (*p == '{' || *p == '[') depth++;
    if ((*p == '}' || *p == ']') && --depth == 0) return p + 1;
    p++;
  }
}

DZ_API dz_value dz_none(void) { return (dz_value){NULL, NULL}; }

DZ_API dz_value dz_item_at(const char *p, bool object) {
  p = dz_skip_space(p);
  if (!object) return (dz_value){p, NULL};
  const char *value = dz_skip_space(dz_skip_string(p));
  return (dz_value){dz_skip_space(value + 1), p};
}

DZ_API dz_value dz_first(dz_value value) {
  if (!value.at || (*value.at != '{' && *value.at != '[')) return dz_none();
  const char *p = dz_skip_space(value.at + 1);
  return *p == '}' || *p == ']' ? dz_none() : dz_item_at(p, *value.at == '{');
}

DZ_API dz_value dz_next(dz_value item) {
  if (!item.at) return item;
  const char *p = dz_skip_space(dz_skip_value(item.at));
  return *p == ',' ? dz_item_at(p + 1, item.key != NULL) : dz_none();
}

DZ_API dz_value dz_get(dz_value object, const char *key) {
  dz_value found = dz_none();
  if (!object.at || *object.at != '{') return found;
  for (dz_value item = dz_first(object); item.at; item = dz_next(item)) {
    if (dz_string_is(item.key, key)) found = item;
  }
  return found;
}

/** The element of the object at `p` if it is an attachment, or -1. */
DZ_API int dz_element_at(const char *p) {
  if (*p != '{') return -1;
  const char *quote = dz_skip_space(p + 1);
  if (*quote != '"') return -1;
  int element = dz_element_named(quote);
  if (element < 0) return -1;
  const char *value = dz_skip_space(dz_skip_space(dz_skip_string(quote)) + 1);
  return *dz_skip_space(dz_skip_value(value)) == '}' ? element : -1;
}

DZ_API dz_kind dz_kind_of(dz_value value) {
  if (!value.at) return DZ_NONE;
  switch (*value.at) {
    case '"': return DZ_STRING;
    case '[': return DZ_LIST;
    case 't':
    case 'f': return DZ_BOOL;
    case 'n': return DZ_NULL;
    case '{': return dz_element_at(value.at) < 0 ? DZ_OBJECT : DZ_ATTACHMENT;
    default: return DZ_NUMBER;
  }
}

DZ_API bool dz_bool(dz_value value, bool otherwise) {
  if (!value.at || (*value.at != 't' && *value.at != 'f')) return otherwise;
  return *value.at == 't';
}

DZ_API double dz_number(dz_value value, double otherwise) {
  return dz_kind_of(value) == DZ_NUMBER ? dz_parse_number(value.at) : otherwise;
}

DZ_API int64_t dz_int(dz_value value, int64_t otherwise) {
  if (dz_kind_of(value) != DZ_NUMBER) return otherwise;
  bool negative = *value.at == '-';
  const char *p = negative ? value.at + 1 : value.at;
  uint64_t whole = 0, limit = (uint64_t)INT64_MAX + negative;
  for (; dz_is_digit(*p); p++) {
    uint64_t digit = (uint64_t)(*p - '0');
    if (whole > (limit - digit) / 10) return otherwise;
    whole = whole * 10 + digit;
  }
  if (*p == '.' || *p == 'e' || *p == 'E') {
    double number = dz_parse_number(value.at);
    if (!(number >= -9007199254740992.0 && number <= 9007199254740992.0)) return otherwise;
    return number == (double)(int64_t)number ? (int64_t)number : otherwise;
  }
  return negative ? (int64_t)(0 - whole) : (int64_t)whole;
}

DZ_API bool dz_equals(dz_value value, const char *text) {
  return value.at && *value.at == '"' && dz_string_is(value.at, text);
}

DZ_API dz_text dz_text_at(dz_tick *tick, const char *quote) {
  const char *from = quote + 1, *p = from;
  while (*p != '"' && *p != '\\') p++;
  if (*p == '"') return (dz_text){from, (size_t)(p - from)};
  const char *end = dz_skip_string(quote) - 1;
  char *text = dz_scratch(tick, (size_t)(end - from));
  size_t length = 0;
  if (!text) return (dz_text){NULL, 0};
  for (p = from; p < end;) {
    char c[4];
    size_t size;
    p = dz_decode_char(p, c, &size);
    /* No escape is shorter than its character. */
    for (size_t i = 0; i < size; i++) text[length++] = c[i];
  }
  return (dz_text){text, length};
}

DZ_API dz_text dz_string(dz_tick *tick, dz_value value) {
  return value.at && *value.at == '"' ? dz_text_at(tick, value.at) : (dz_text){NULL, 0};
}

DZ_API dz_text dz_key(dz_tick *tick, dz_value item) {
  return item.key ? dz_text_at(tick, item.key) : (dz_text){NULL, 0};
}

DZ_API dz_array dz_attachment(dz_tick *tick, dz_value value) {
  int element = value.at ? dz_element_at(value.at) : -1;
  if (element < 0) return (dz_array){NULL, 0, DZ_BYTES};
  const char *p = value.at;
  uint64_t pair[2] = {0, 0};
  while (*p != '[') p++;
  for (int i = 0; i < 2; i++) {
    while (!dz_is_digit(*p)) p++;
    for (; dz_is_digit(*p); p++) pair[i] = pair[i] * 10 + (uint64_t)(*p - '0');
  }
  const uint8_t *at = dz_place(&tick->came, pair[0], pair[1], dz_element_sizes[element]);
  return (dz_array){at, (size_t)pair[1], (dz_element)element};
}

DZ_API dz_array dz_array_of(dz_tick *tick, dz_value value, dz_element element) {
  dz_array found = dz_attachment(tick, value);
  return found.at && found.element == element ? found : (dz_array){NULL, 0, element};
}

/* ---- The tick and the writer --------------------------------------------------------------------------- */

DZ_API void *dz_state(dz_tick *tick) { return tick->instance->state; }

DZ_API dz_value dz_input(dz_tick *tick, const char *port) { return dz_get((dz_value){tick->input, NULL}, port); }

DZ_API dz_value dz_config(dz_tick *tick, const char *key) { return dz_get((dz_value){tick->config, NULL}, key); }

DZ_API void *dz_scratch(dz_tick *tick, size_t size) {
  if (size > DZ_FRAME_MAX) return NULL;
  dz_block *block = dz_alloc(sizeof *block + (size ? size : 1));
  if (!block) {
    if (!tick->status) tick->status = DZ_NO_MEMORY;
    return NULL;
  }
  block->next = tick->scratch;
  tick->scratch = block;
  return block + 1;
}

DZ_COLD void dz_spoil(dz_tick *tick, int32_t status, const char *text) {
  if (tick->status) return;
  tick->status = status;
  tick->error = text;
}

DZ_COLD int dz_fail(dz_tick *tick, const char *text) {
  size_t length = dz_length(text);
  char *copy = dz_scratch(tick, length + 1);
  if (copy) {
    memcpy(copy, text, length + 1);
    tick->status = DZ_FAILED;
    tick->error = copy;
  }
  return DZ_FAILED;
}

DZ_COLD bool dz_grow_frame(dz_tick *tick, size_t size) {
  if (tick->status) return false;
  if (size > DZ_FRAME_MAX) {
    dz_spoil(tick, DZ_UNWRITABLE, "Cannot write the result as it is larger than a frame may be");
    return false;
  }
  size_t capacity = dz_align8(tick->capacity * 2 < size ? size : tick->capacity * 2);
  if (capacity < 256) capacity = 256;
  uint8_t *frame = dz_alloc(capacity);
  if (!frame) {
    dz_spoil(tick, DZ_NO_MEMORY, "Cannot write the result as there is no memory left");
    return false;
  }
  if (tick->frame) dz_copy(frame, tick->frame, tick->json < tick->capacity ? tick->json : tick->capacity);
  if (tick->base) dz_copy(frame + tick->base, tick->frame + tick->base, tick->attached);
  if (tick->owned) dz_free(tick->frame);
  tick->frame = frame;
  tick->capacity = capacity;
  tick->owned = true;
  return true;
}

/** Grows the frame to `size` bytes. What was written keeps its offset. */
DZ_API bool dz_hold(dz_tick *tick, size_t size) {
  return size <= tick->capacity && !tick->status ? true : dz_grow_frame(tick, size);
}

DZ_COLD bool dz_move_attachments(dz_tick *tick, size_t size) {
  size_t base = dz_align8(tick->json + size + tick->base);
  if (!dz_hold(tick, base + tick->attached)) return false;
  if (tick->attached) memmove(tick->frame + base, tick->frame + tick->base, tick->attached);
  tick->base = base;
  return true;
}

/** Makes room for `size` more bytes of JSON. */
DZ_API bool dz_room(dz_tick *tick, size_t size) {
  if (size > DZ_FRAME_MAX) return dz_hold(tick, SIZE_MAX);
  if (!tick->base) return dz_hold(tick, tick->json + size);
  return !tick->status && (tick->json + size <= tick->base || dz_move_attachments(tick, size));
}

DZ_API void dz_write(dz_tick *tick, const char *text, size_t length) {
  if (!dz_room(tick, length)) return;
  dz_copy(tick->frame + tick->json, text, length);
  tick->json += length;
}

/** Writes one escaped character; after it there is room for `left` bytes. */
DZ_COLD bool dz_write_escape(dz_tick *tick, uint8_t c, size_t left) {
  static const char hex[] = "0123456789abcdef";
  if (!dz_room(tick, 6 + left)) return false;
  uint8_t *to = tick->frame + tick->json;
  to[0] = '\\';
  if (c >= 0x20 || c == '\n') {
    to[1] = c == '\n' ? 'n' : c;
    tick->json += 2;
  } else {
    memcpy(to + 1, "u00", 3);
    to[4] = (uint8_t)hex[c >> 4];
    to[5] = (uint8_t)hex[c & 15];
    tick->json += 6;
  }
  return true;
}

DZ_API void dz_write_string(dz_tick *tick, const char *text, size_t length) {
  if (length && !dz_utf8_valid((const uint8_t *)text, length)) {
    dz_spoil(tick, DZ_UNWRITABLE, "Cannot write the result as a text in it is not UTF-8");
  }
  if (length > DZ_FRAME_MAX || !dz_room(tick, length + 2)) return;
  tick->frame[tick->json++] = '"';
  for (size_t i = 0; i < length; i++) {
    size_t run = dz_plain_run(text + i, text + length);
    dz_copy(tick->frame + tick->json, text + i, run);
    tick->json += run;
    i += run;
    if (i < length && !dz_write_escape(tick, (uint8_t)text[i], length - i)) return;
  }
  tick->frame[tick->json++] = '"';
}

DZ_API bool dz_in_list(dz_tick *tick) {
  return tick->depth && (tick->lists[(tick->depth - 1) / 8] & (1u << ((tick->depth - 1) % 8)));
}

/** What stands before a value: the comma, and the key inside an object. */
DZ_API bool dz_write_place(dz_tick *tick, const char *port) {
  bool list = dz_in_list(tick);
  if (!list && !port) dz_spoil(tick, DZ_UNWRITABLE, "Cannot write the result as a value in it has no port");
  if (tick->status) return false;
  if (!tick->fresh) dz_write(tick, ",", 1);
  tick->fresh = false;
  if (!list) {
    dz_write_string(tick, port, dz_length(port));
    dz_write(tick, ":", 1);
  }
  return !tick->status;
}

DZ_API void dz_put_word(dz_tick *tick, const char *port, const char *word, size_t length) {
  if (dz_write_place(tick, port)) dz_write(tick, word, length);
}

DZ_API void dz_put_null(dz_tick *tick, const char *port) { dz_put_word(tick, port, "null", 4); }

DZ_API void dz_put_bool(dz_tick *tick, const char *port, bool value) {
  dz_put_word(tick, port, value ? "true" : "false", value ? 4 : 5);
}

DZ_API void dz_put_int(dz_tick *tick, const char *port, int64_t value) {
  char text[24];
  dz_put_word(tick, port, text, dz_print_int(text, value));
}

DZ_API void dz_put_number(dz_tick *tick, const char *port, double value) {
  char text[40];
  if ((dz_bits_of_double(value) >> 52 & 0x7ff) == 0x7ff) {
    dz_spoil(tick, DZ_UNWRITABLE, "Cannot write the result as a number in it is not finite");
    return;
  }
  dz_put_word(tick, port, text, dz_print_number(text, value));
}

DZ_API void dz_put_text(dz_tick *tick, const char *port, dz_text text) {
  if (dz_write_place(tick, port)) dz_write_string(tick, text.at, text.length);
}

DZ_API void dz_put_string(dz_tick *tick, const char *port, const char *text) {
  dz_put_text(tick, port, (dz_text){text, dz_length(text)});
}

DZ_API void dz_open(dz_tick *tick, const char *port, bool list) {
  if (tick->depth == DZ_DEPTH_MAX) dz_spoil(tick, DZ_UNWRITABLE, "Cannot write the result as it is nested too deep");
  if (!dz_write_place(tick, port)) return;
  dz_write(tick, list ? "[" : "{", 1);
  uint8_t bit = (uint8_t)(1u << (tick->depth % 8)), *byte = &tick->lists[tick->depth / 8];
  *byte = (uint8_t)(list ? *byte | bit : *byte & ~bit);
  tick->depth++;
  tick->fresh = true;
}

DZ_API void dz_open_list(dz_tick *tick, const char *port) { dz_open(tick, port, true); }

DZ_API void dz_open_object(dz_tick *tick, const char *port) { dz_open(tick, port, false); }

DZ_API void dz_close(dz_tick *tick) {
  if (!tick->depth) {
    dz_spoil(tick, DZ_UNWRITABLE, "Cannot write the result as more is closed than was opened");
    return;
  }
  dz_write(tick, dz_in_list(tick) ? "]" : "}", 1);
  tick->depth--;
  tick->fresh = false;
}

/** Writes the reference to an attachment and makes room for it; null if there is no memory. */
DZ_COLD uint8_t *dz_attach(dz_tick *tick, dz_element element, size_t length) {
  size_t offset = dz_align8(tick->attached), width = dz_element_sizes[element];
  if (!tick->start) dz_spoil(tick, DZ_UNWRITABLE, "Cannot write the result as only a frame carries bytes");
  if (length > DZ_FRAME_MAX / width) dz_hold(tick, SIZE_MAX);
  if (tick->status) return NULL;
  const char *name = dz_element_names[element];
  char text[72];
  size_t size = dz_length(name);
  memcpy(text, "{\"", 2);
  memcpy(text + 2, name, size);
  memcpy(text + 2 + size, "\":[", 3);
  size += 5;
  size += dz_print_unsigned(text + size, offset);
  text[size++] = ',';
  size += dz_print_unsigned(text + size, length);
  text[size++] = ']';
  text[size++] = '}';
  dz_write(tick, text, size);
  size_t base = tick->base ? tick->base : dz_align8(tick->json + DZ_JSON_SLACK);
  if (!dz_hold(tick, base + offset + length * width)) return NULL;
  tick->base = base;
  for (; tick->attached < offset; tick->attached++) tick->frame[base + tick->attached] = 0;
  tick->attached = offset + length * width;
  return tick->frame + base + offset;
}

DZ_API void *dz_put_array(dz_tick *tick, const char *port, dz_element element, size_t length) {
  return dz_write_place(tick, port) ? dz_attach(tick, element, length) : NULL;
}

DZ_API void *dz_put_bytes(dz_tick *tick, const char *port, size_t length) {
  return dz_put_array(tick, port, DZ_BYTES, length);
}

DZ_COLD void dz_put_value(dz_tick *tick, const char *port, dz_value value) {
  if (!value.at) {
    dz_put_null(tick, port);
    return;
  }
  if (!dz_write_place(tick, port)) return;
  const char *end = dz_skip_value(value.at), *from = value.at, *p = from;
  while (p < end && (tick->came.frame_length || tick->came.count)) {
    if (*p == '"') p = dz_skip_string(p);
    else if (dz_element_at(p) < 0) p++;
    else {
      dz_write(tick, from, (size_t)(p - from));
      dz_array array = dz_attachment(tick, (dz_value){p, NULL});
      uint8_t *to = dz_attach(tick, array.element, array.length);
      if (!to) return;
      dz_copy(to, array.at, array.length * dz_element_sizes[array.element]);
      from = p = dz_skip_value(p);
    }
  }
  dz_write(tick, from, (size_t)(end - from));
}

/**
 * Attachments up to this many bytes move to where the JSON ends; before larger ones it is filled up with
 * spaces.
 */
#define DZ_MOVE_MAX 4096

/** Closes the result and returns its length; 0 for the empty one, and when it failed. */
DZ_API size_t dz_finish(dz_tick *tick) {
  while (tick->depth && !tick->status) dz_close(tick);
  bool empty = tick->json == tick->start + 1;
  dz_write(tick, "}", 1);
  if (tick->status) return 0;
  if (tick->base && tick->attached <= DZ_MOVE_MAX) {
    size_t base = dz_align8(tick->json);
    if (tick->attached) memmove(tick->frame + base, tick->frame + tick->base, tick->attached);
    for (size_t i = tick->json; i < base; i++) tick->frame[i] = 0;
    tick->base = base;
  } else if (tick->base) {
    memset(tick->frame + tick->json, ' ', tick->base - tick->json);
    tick->json = tick->base;
  }
  if (tick->start) {
    uint32_t length = (uint32_t)(tick->json - tick->start);
    for (int i = 0; i < 4; i++) tick->frame[i] = (uint8_t)(length >> (8 * i));
    if (empty) return 0;
  }
  return tick->base ? tick->base + tick->attached : tick->json;
}

/** Starts a result in `out`, or in memory of our own if that is null. */
DZ_API void dz_begin(dz_tick *tick, size_t start, uint8_t *out, size_t capacity) {
  tick->frame = out;
  tick->capacity = capacity;
  tick->owned = false;
  tick->start = start;
  tick->json = start;
  tick->base = tick->attached = 0;
  tick->depth = 0;
  tick->status = 0;
  tick->error = NULL;
  tick->fresh = true;
  if (dz_hold(tick, start + 1)) tick->frame[tick->json++] = '{';
}

DZ_API void dz_end(dz_tick *tick) {
  while (tick->scratch) {
    dz_block *block = tick->scratch;
    tick->scratch = block->next;
    dz_free(block);
  }
}

/** Validates the members of the payload and records the positions of the relevant ones. */
DZ_API bool dz_accept_members(dz_tick *tick, dz_check *check) {
  dz_check_space(check);
  if (!dz_check_char(check, '{')) return false;
  dz_check_space(check);
  if (dz_check_char(check, '}')) return true;
  do {
    dz_check_space(check);
    const char *key = check->at;
    if (!dz_check_key(check)) return false;
    dz_check_space(check);
    const char *value = check->at;
    if (!dz_check_value(check)) return false;
    if (dz_string_is(key, "input")) tick->input = value;
    else if (dz_string_is(key, "config")) tick->config = value;
    dz_check_space(check);
  } while (dz_check_char(check, ','));
  return dz_check_char(check, '}');
}

/** Checks a payload and finds its parts. */
DZ_API void dz_accept(dz_tick *tick, const char *json, size_t length) {
  if (length && !dz_utf8_valid((const uint8_t *)json, length)) {
    dz_spoil(tick, DZ_NOT_UTF8, "Cannot read the payload as it is not UTF-8");
    return;
  }
  dz_check check = {json, length ? json + length : json, &tick->came};
  bool right = dz_accept_members(tick, &check);
  dz_check_space(&check);
  if (!right || check.at != check.end) {
    dz_spoil(tick, DZ_BAD_PAYLOAD, "Cannot read the payload as it is not a JSON object with its attachments inside the frame");
  } else if ((tick->input && dz_kind_of((dz_value){tick->input, NULL}) != DZ_OBJECT) ||
             (tick->config && *tick->config != '{' && *tick->config != 'n')) {
    dz_spoil(tick, DZ_BAD_PAYLOAD, "Cannot read the payload as its input or its config is not an object");
  }
}

/* ---- The pack ------------------------------------------------------------------------------------------ */

typedef struct {
  const char *name;
  const char *version;
  const dz_template *templates;
  uint32_t count;
} dz_pack;

static const dz_pack *dz_pack_here(void);

/** Defines the pack: its name, its version, and its templates as initialisers. */
#define DENIZEN_PACK(pack_name, pack_version, ...)                                                 \
  static const dz_template dz_templates[] = {__VA_ARGS__};                                         \
  static const dz_pack *dz_pack_here(void) {                                                       \
    static const dz_pack pack = {pack_name, pack_version, dz_templates,                            \
                                 sizeof dz_templates / sizeof dz_templates[0]};                    \
    return &pack;                                                                                  \
  }

typedef struct {
  /** The id of an initialised instance; 0 otherwise. */
  DZ_SHARED(uint32_t) id;
  uint32_t generation;
  uint32_t next_free;
  dz_instance *instance;
} dz_slot;

/* An id is a slot and the number of its uses, so that an old id never means a new instance. */
#define DZ_SLOT_BITS 22
#define DZ_SLOTS ((uint32_t)1 << DZ_SLOT_BITS)
#define DZ_GENERATIONS 512u
#define DZ_SEGMENTS 17

static struct {
  DZ_SHARED(dz_slot *) segments[DZ_SEGMENTS];
  dz_lock lock;
  /** Slots from 1 up to here were used. */
  uint32_t used;
  /* Free slots as a queue: the longest unused one is used next. */
  uint32_t first_free;
  uint32_t last_free;
  char *description;
  size_t description_length;
} dz_table = {.lock = DZ_LOCK_INIT};

/** Segment k holds 64 << k slots, so that slots never move. */
DZ_API dz_slot *dz_slot_at(uint32_t index) {
  uint32_t place = index + 64, segment = 25 - (uint32_t)__builtin_clz(place);
  dz_slot *slots = segment < DZ_SEGMENTS ? dz_load(&dz_table.segments[segment]) : NULL;
  return slots ? slots + (place - (64u << segment)) : NULL;
}

DZ_API dz_instance *dz_find(uint32_t id) {
  uint32_t index = id & (DZ_SLOTS - 1);
  dz_slot *slot = id ? dz_slot_at(index) : NULL;
  return slot && dz_load(&slot->id) == id ? slot->instance : NULL;
}

/** Under the lock: a free slot; null if there is none. */
DZ_COLD dz_slot *dz_take_slot(uint32_t *index) {
  if (dz_table.first_free) {
    *index = dz_table.first_free;
    dz_slot *slot = dz_slot_at(*index);
    dz_table.first_free = slot->next_free;
    if (!dz_table.first_free) dz_table.last_free = 0;
    return slot;
  }
  *index = dz_table.used + 1;
  if (*index >= DZ_SLOTS) return NULL;
  dz_slot *slot = dz_slot_at(*index);
  if (!slot) {
    uint32_t segment = 25 - (uint32_t)__builtin_clz(*index + 64);
    size_t size = sizeof(dz_slot) * ((size_t)64 << segment);
    dz_slot *slots = dz_alloc(size);
    if (!slots) return NULL;
    memset(slots, 0, size);
    dz_store(&dz_table.segments[segment], slots);
    slot = dz_slot_at(*index);
  }
  dz_table.used++;
  return slot;
}

DZ_EXPORT(__reflow_pack_create_actor) uint32_t __reflow_pack_create_actor(uint32_t factory) {
  const dz_pack *pack = dz_pack_here();
  if (factory >= pack->count) return 0;
  const dz_template *made = &pack->templates[factory];
  dz_instance *instance = dz_alloc(sizeof *instance + made->state_size);
  if (!instance) return 0;
  memset(instance, 0, sizeof *instance + made->state_size);
  instance->factory = factory;
  instance->state = instance + 1;
  if (made->create && made->create(instance->state) != 0) {
    dz_free(instance);
    return 0;
  }
  uint32_t index = 0;
  dz_lock_take(&dz_table.lock);
  dz_slot *slot = dz_take_slot(&index);
  if (slot) {
    instance->id = (slot->generation % DZ_GENERATIONS) << DZ_SLOT_BITS | index;
    slot->generation++;
    slot->instance = instance;
    dz_store(&slot->id, instance->id);
  }
  dz_lock_release(&dz_table.lock);
  if (slot) return instance->id;
  if (made->destroy) made->destroy(instance->state);
  dz_free(instance);
  return 0;
}

DZ_EXPORT(__reflow_pack_destroy_actor) void __reflow_pack_destroy_actor(uint32_t id) {
  dz_lock_take(&dz_table.lock);
  dz_instance *instance = dz_find(id);
  if (instance) {
    uint32_t index = id & (DZ_SLOTS - 1);
    dz_slot *slot = dz_slot_at(index);
    dz_store(&slot->id, 0);
    slot->next_free = 0;
    if (dz_table.last_free) dz_slot_at(dz_table.last_free)->next_free = index;
    else dz_table.first_free = index;
    dz_table.last_free = index;
  }
  dz_lock_release(&dz_table.lock);
  if (!instance) return;
  const dz_template *made = &dz_pack_here()->templates[instance->factory];
  if (made->destroy) made->destroy(instance->state);
  dz_free(instance->kept);
  dz_free(instance);
}

DZ_EXPORT(__reflow_pack_alloc) void *__reflow_pack_alloc(dz_size size) { return dz_alloc(size); }

DZ_EXPORT(__reflow_pack_free) void __reflow_pack_free(void *memory, dz_size size) {
  (void)size;
  dz_free(memory);
}

/** Runs the actor on a valid payload and closes its result. Returns the result's length. */
DZ_API size_t dz_perform(dz_tick *tick) {
  if (!tick->status) {
    int status = dz_pack_here()->templates[tick->instance->factory].run(tick);
    if (status == DZ_NO_MEMORY) dz_spoil(tick, status, "Cannot go on as there is no memory left");
    else if (status != DZ_OK) dz_spoil(tick, status < 0 && status >= DZ_PANIC ? status : DZ_FAILED, "The actor failed");
  }
  return dz_finish(tick);
}

/**
 * Replaces the result with the error's text, in memory of the pack. Returns its length; 0 if there is no
 * memory.
 */
DZ_COLD size_t dz_write_error(dz_tick *tick) {
  int32_t status = tick->status;
  const char *text = tick->error ? tick->error : "Cannot go on as there is no memory left";
  if (tick->owned) dz_free(tick->frame);
  dz_begin(tick, tick->start, NULL, 0);
  dz_put_string(tick, "error", text);
  size_t length = dz_finish(tick);
  tick->status = status;
  return length;
}

DZ_API bool dz_spans_right(const dz_span *spans, uint32_t count) {
  for (uint32_t i = 0; i < count; i++) {
    if (spans[i].length > DZ_FRAME_MAX || (spans[i].length && !spans[i].address)) return false;
  }
  return count == 0 || spans;
}

DZ_API int32_t dz_tick_with(uint32_t id, const uint8_t *in, uint32_t in_length, const dz_span *spans, uint32_t count,
                            uint8_t *out, uint32_t out_capacity) {
  dz_tick tick;
  tick.came = (dz_attached){NULL, 0, spans, count};
  tick.instance = dz_find(id);
  if (!tick.instance) return DZ_NO_INSTANCE;
  tick.scratch = NULL;
  tick.input = tick.config = NULL;
  dz_free(tick.instance->kept);
  tick.instance->kept = NULL;
  bool direct = out && ((uintptr_t)out & 7) == 0;
  dz_begin(&tick, 4, direct ? out : NULL, direct ? out_capacity : 0);
  uint32_t json_length = 0;
  if (in && in_length >= 4 && in_length <= DZ_FRAME_MAX && ((uintptr_t)in & 7) == 0) {
    json_length = in[0] | (uint32_t)in[1] << 8 | (uint32_t)in[2] << 16 | (uint32_t)in[3] << 24;
  }
  if (json_length == 0 || json_length > in_length - 4 || !dz_spans_right(spans, count)) {
    dz_spoil(&tick, DZ_BAD_PAYLOAD, "Cannot read the frame as a length in it is wrong");
  } else {
    size_t base = dz_align8(4 + (size_t)json_length);
    if (base < in_length) {
      tick.came.frame = in + base;
      tick.came.frame_length = in_length - base;
    }
    dz_accept(&tick, (const char *)in + 4, json_length);
  }
  size_t length = dz_perform(&tick);
  if (tick.status) length = dz_write_error(&tick);
  dz_end(&tick);
  if (tick.owned && !tick.status && length <= out_capacity) {
    dz_copy(out, tick.frame, length);
    dz_free(tick.frame);
  } else if (tick.owned && length) {
    tick.instance->kept = tick.frame;
    tick.instance->kept_length = length;
  } else if (tick.owned) dz_free(tick.frame);
  return tick.status ? tick.status : (int32_t)length;
}

DZ_EXPORT(denizen_actor_tick)
int32_t denizen_actor_tick(uint32_t id, const uint8_t *in, uint32_t in_length, uint8_t *out, uint32_t out_capacity) {
  return dz_tick_with(id, in, in_length, NULL, 0, out, out_capacity);
}

#ifndef __wasm__
DZ_EXPORT(denizen_actor_tick_spans)
int32_t denizen_actor_tick_spans(uint32_t id, const uint8_t *in, uint32_t in_length, const dz_span *spans, uint32_t count,
                                 uint8_t *out, uint32_t out_capacity) {
  return dz_tick_with(id, in, in_length, spans, count, out, out_capacity);
}
#endif

DZ_EXPORT(denizen_actor_take) int32_t denizen_actor_take(uint32_t id, uint8_t *out, uint32_t out_capacity) {
  dz_instance *instance = dz_find(id);
  if (!instance) return DZ_NO_INSTANCE;
  if (!instance->kept) return 0;
  size_t length = instance->kept_length;
  if (out && length <= out_capacity) {
    memcpy(out, instance->kept, length);
    dz_free(instance->kept);
    instance->kept = NULL;
  }
  return (int32_t)length;
}

DZ_EXPORT(__reflow_pack_actor_run)
int32_t __reflow_pack_actor_run(uint32_t id, const char *in, dz_size in_length, void **out, dz_size *out_length) {
  dz_tick tick;
  tick.instance = dz_find(id);
  tick.scratch = NULL;
  tick.input = tick.config = NULL;
  tick.came = (dz_attached){NULL, 0, NULL, 0};
  dz_begin(&tick, 0, NULL, 0);
  if (!tick.instance) dz_spoil(&tick, DZ_NO_INSTANCE, "Cannot run as there is no such instance");
  else dz_accept(&tick, in, in ? in_length : 0);
  size_t length = dz_perform(&tick);
  if (tick.status) length = dz_write_error(&tick);
  dz_end(&tick);
  if (length == 0 && tick.owned) dz_free(tick.frame);
  void *result = length ? tick.frame : NULL;
  dz_size result_length = (dz_size)length;
  memcpy(out, &result, sizeof result);
  memcpy(out_length, &result_length, sizeof result_length);
  return tick.status;
}

DZ_EXPORT(denizen_pack_abi) uint32_t denizen_pack_abi(void) { return DZ_ABI_VERSION; }

DZ_EXPORT(denizen_pack_features) uint32_t denizen_pack_features(void) {
  uint32_t features = 1u | 1u << 2;
#if defined(DENIZEN_PACK_THREADS) && !defined(__wasm__)
  features |= 1u << 1;
#endif
#if defined(DENIZEN_PACK_WAIT) && defined(__wasm__)
  features |= 1u << 3;
#endif
#ifndef __wasm__
  features |= 1u << 4;
#endif
  return features;
}

DZ_EXPORT(denizen_pack_live) uint32_t denizen_pack_live(void) { return dz_live_count(); }

DZ_EXPORT(denizen_pack_shutdown) void denizen_pack_shutdown(void) {
  for (uint32_t index = 1; index <= dz_table.used; index++) {
    __reflow_pack_destroy_actor(dz_load(&dz_slot_at(index)->id));
  }
  for (uint32_t segment = 0; segment < DZ_SEGMENTS; segment++) {
    dz_free(dz_load(&dz_table.segments[segment]));
    dz_store(&dz_table.segments[segment], NULL);
  }
  dz_table.used = dz_table.first_free = dz_table.last_free = 0;
  dz_free(dz_table.description);
  dz_table.description = NULL;
}

/* ---- Metadata ------------------------------------------------------------------------------------------ */

typedef struct {
  dz_text name;
  dz_text type;
  bool optional;
} dz_port;

DZ_API dz_text dz_trim(const char *from, const char *to) {
  while (from < to && *from == ' ') from++;
  while (to > from && to[-1] == ' ') to--;
  return (dz_text){from, (size_t)(to - from)};
}

/** The next of a list such as "left: number, right?: Map<string, number>"; false at its end. */
DZ_COLD bool dz_next_port(const char **list, dz_port *port) {
  const char *p = *list, *from = p, *colon = NULL;
  int depth = 0;
  for (; *p && (*p != ',' || depth > 0); p++) {
    if (*p == ':' && !colon) colon = p;
    if (*p == '<' || *p == '(' || *p == '[' || *p == '{') depth++;
    if ((*p == '>' && p[-1] != '=') || *p == ')' || *p == ']' || *p == '}') depth--;
  }
  port->name = dz_trim(from, colon ? colon : p);
  port->type = colon ? dz_trim(colon + 1, p) : (dz_text){NULL, 0};
  port->optional = port->name.length && port->name.at[port->name.length - 1] == '?';
  if (port->optional) port->name.length--;
  *list = *p ? p + 1 : p;
  return port->name.length > 0;
}

DZ_COLD void dz_describe_ports(dz_tick *json, const char *key, const char *list) {
  dz_port port;
  dz_open_list(json, key);
  while (list && dz_next_port(&list, &port)) dz_put_text(json, NULL, port.name);
  dz_close(json);
}

DZ_COLD bool dz_has_port(const char *list, dz_text name) {
  dz_port port;
  while (list && dz_next_port(&list, &port)) {
    if (port.name.length == name.length && memcmp(port.name.at, name.at, name.length) == 0) return true;
  }
  return false;
}

DZ_COLD void dz_describe_types(dz_tick *json, const char *list, const char *prefix, const char *taken) {
  dz_port port;
  while (list && dz_next_port(&list, &port)) {
    if (!port.type.at) continue;
    bool prefixed = !taken || dz_has_port(taken, port.name);
    size_t before = prefixed ? dz_length(prefix) : 0;
    char *key = dz_scratch(json, before + port.name.length + 1);
    char *type = dz_scratch(json, port.type.length + 12);
    if (!key || !type) return;
    dz_copy(key, prefix, before);
    memcpy(key + before, port.name.at, port.name.length);
    key[before + port.name.length] = 0;
    memcpy(type, port.type.at, port.type.length);
    if (port.optional) memcpy(type + port.type.length, " | undefined", 12);
    dz_put_text(json, key, (dz_text){type, port.type.length + (port.optional ? 12 : 0)});
  }
}

DZ_COLD void dz_describe_template(dz_tick *json, const dz_template *template) {
  dz_put_string(json, "name", template->name);
  dz_describe_ports(json, "inports", template->inports);
  dz_describe_ports(json, "outports", template->outports);
  dz_open_object(json, "types");
  dz_describe_types(json, template->inports, "", "");
  dz_describe_types(json, template->outports, "out.", template->inports ? template->inports : "");
  dz_describe_types(json, template->config, "config.", NULL);
  dz_close(json);
  dz_put_bool(json, "blocking", template->blocking);
  dz_put_string(json, "description", template->description ? template->description : "");
}

DZ_EXPORT(denizen_pack_describe) int32_t denizen_pack_describe(const void **out, dz_size *out_length) {
  const dz_pack *pack = dz_pack_here();
  if (!dz_table.description) {
    dz_tick json;
    json.scratch = NULL;
    dz_begin(&json, 0, NULL, 0);
    dz_put_string(&json, "name", pack->name);
    dz_put_string(&json, "version", pack->version);
    dz_open_list(&json, "templates");
    for (uint32_t i = 0; i < pack->count; i++) {
      dz_open_object(&json, NULL);
      dz_describe_template(&json, &pack->templates[i]);
      dz_close(&json);
    }
    dz_close(&json);
    size_t length = dz_finish(&json);
    dz_end(&json);
    if (json.status) {
      if (json.owned) dz_free(json.frame);
      return json.status;
    }
    dz_table.description = (char *)json.frame;
    dz_table.description_length = length;
  }
  const void *text = dz_table.description;
  dz_size length = (dz_size)dz_table.description_length;
  memcpy(out, &text, sizeof text);
  memcpy(out_length, &length, sizeof length);
  return DZ_OK;
}

#if defined(__wasm__)
__attribute__((import_module("env"), import_name("__reflow_pack_register_template")))
int32_t dz_host_register_template(const void *meta, dz_size length, uint32_t factory);

DZ_EXPORT(__reflow_pack_register) int32_t __reflow_pack_register(void) {
  const dz_pack *pack = dz_pack_here();
  int32_t first = 0;
  for (uint32_t i = 0; i < pack->count; i++) {
    dz_tick json;
    json.scratch = NULL;
    dz_begin(&json, 0, NULL, 0);
    dz_describe_template(&json, &pack->templates[i]);
    size_t length = dz_finish(&json);
    int32_t status = json.status ? DZ_PANIC : dz_host_register_template(json.frame, (dz_size)length, i);
    dz_end(&json);
    if (json.owned) dz_free(json.frame);
    if (status && !first) first = status;
  }
  return first;
}

#ifdef DENIZEN_PACK_WAIT
__attribute__((import_module("env"), import_name("denizen_wait"))) void dz_host_wait(int32_t ms);
DZ_API void dz_wait(dz_tick *tick, uint32_t ms) {
  (void)tick;
  dz_host_wait((int32_t)ms);
}
#endif
#else
typedef struct {
  void *host_data;
  int32_t (*register_template)(void *host_data, const char *id, void *(*factory)(void *), void (*drop)(void *), void *user_data);
} dz_host;

/** Placeholder of a factory in the host's table: `__reflow_pack_create_actor` creates instances. */
DZ_API void *dz_factory(void *user_data) {
  (void)user_data;
  return NULL;
}

DZ_EXPORT(reflow_pack_register) int32_t reflow_pack_register(const dz_host *host) {
  const dz_pack *pack = dz_pack_here();
  if (!host || !host->register_template) return -1;
  int32_t first = 0;
  for (uint32_t i = 0; i < pack->count; i++) {
    int32_t status = host->register_template(host->host_data, pack->templates[i].name, dz_factory, NULL, NULL);
    if (status && !first) first = status;
  }
  return first;
}

#ifdef DENIZEN_PACK_WAIT
#ifdef _WIN32
__declspec(dllimport) void __stdcall Sleep(unsigned long ms);
DZ_API void dz_wait(dz_tick *tick, uint32_t ms) {
  (void)tick;
  Sleep(ms);
}
#else
#include <time.h>
DZ_API void dz_wait(dz_tick *tick, uint32_t ms) {
  (void)tick;
  struct timespec left = {(time_t)(ms / 1000), (long)(ms % 1000) * 1000000};
  while (nanosleep(&left, &left) != 0) {
  }
}
#endif
#endif
#endif

#endif
