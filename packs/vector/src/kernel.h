/*
 * The hot loops, for the available instructions. Rows are padded with zeros to `KERNEL_WIDTH` elements.
 *
 * `dot` and `square` are written once, over vectors of eight floats that the compiler maps to the target; for
 * AVX2 they are compiled a second time. `coarse` multiplies rows of bytes with a query of 16-bit numbers,
 * for which each architecture has its own instruction.
 */
#ifndef VECTOR_KERNEL_H
#define VECTOR_KERNEL_H

#include <stddef.h>
#include <stdint.h>

#if defined(__x86_64__)
#include <immintrin.h>
#elif defined(__wasm_simd128__)
#include <wasm_simd128.h>
#endif

#define KERNEL_WIDTH 32

typedef struct {
  const char *name;
  float (*dot)(const float *row, const float *query, size_t width);
  /** The square of the distance. */
  float (*square)(const float *row, const float *query, size_t width);
  /** `out[i]` is the product of the i-th of `count` rows and the query. */
  void (*coarse)(const int8_t *rows, const int16_t *query, size_t width, size_t count, int32_t *out);
} kernel;

typedef float floats __attribute__((vector_size(32)));
/** The same for unaligned memory. */
typedef float floats_anywhere __attribute__((vector_size(32), aligned(4), may_alias));

/* Macros, because functions that take or return such vectors have another calling convention with AVX. */
#define AT(floats_pointer) (*(const floats_anywhere *)(floats_pointer))
#define SUM(v) (((v[0] + v[4]) + (v[1] + v[5])) + ((v[2] + v[6]) + (v[3] + v[7])))

#define DEFINE_FLOAT_KERNELS(suffix, attributes)                                                      \
  attributes static float dot_##suffix(const float *row, const float *query, size_t width) {          \
    floats a = {0}, b = {0}, c = {0}, d = {0};                                                        \
    for (size_t i = 0; i < width; i += KERNEL_WIDTH) {                                                \
      a += AT(row + i) * AT(query + i);                                                               \
      b += AT(row + i + 8) * AT(query + i + 8);                                                       \
      c += AT(row + i + 16) * AT(query + i + 16);                                                     \
      d += AT(row + i + 24) * AT(query + i + 24);                                                     \
    }                                                                                                 \
    floats sum = (a + b) + (c + d);                                                                   \
    return SUM(sum);                                                                                  \
  }                                                                                                   \
  attributes static float square_##suffix(const float *row, const float *query, size_t width) {       \
    floats a = {0}, b = {0}, c = {0}, d = {0};                                                        \
    for (size_t i = 0; i < width; i += KERNEL_WIDTH) {                                                \
      floats e = AT(row + i) - AT(query + i);                                                         \
      floats f = AT(row + i + 8) - AT(query + i + 8);                                                 \
      floats g = AT(row + i + 16) - AT(query + i + 16);                                               \
      floats h = AT(row + i + 24) - AT(query + i + 24);                                               \
      a += e * e;                                                                                     \
      b += f * f;                                                                                     \
      c += g * g;                                                                                     \
      d += h * h;                                                                                     \
    }                                                                                                 \
    floats sum = (a + b) + (c + d);                                                                   \
    return SUM(sum);                                                                                  \
  }

#if defined(__x86_64__)
DEFINE_FLOAT_KERNELS(avx2, __attribute__((target("avx2,fma"))))

__attribute__((target("avx2"))) static void coarse_avx2(const int8_t *rows, const int16_t *query, size_t width, size_t count,
                                                        int32_t *out) {
  for (size_t row = 0; row < count; row++, rows += width) {
    __m256i a = _mm256_setzero_si256(), b = a;
    for (size_t i = 0; i < width; i += 32) {
      __m256i low = _mm256_cvtepi8_epi16(_mm_loadu_si128((const __m128i *)(rows + i)));
      __m256i high = _mm256_cvtepi8_epi16(_mm_loadu_si128((const __m128i *)(rows + i + 16)));
      a = _mm256_add_epi32(a, _mm256_madd_epi16(low, _mm256_loadu_si256((const __m256i *)(query + i))));
      b = _mm256_add_epi32(b, _mm256_madd_epi16(high, _mm256_loadu_si256((const __m256i *)(query + i + 16))));
    }
    a = _mm256_add_epi32(a, b);
    __m128i sum = _mm_add_epi32(_mm256_castsi256_si128(a), _mm256_extracti128_si256(a, 1));
    sum = _mm_add_epi32(sum, _mm_shuffle_epi32(sum, 0x4e));
    sum = _mm_add_epi32(sum, _mm_shuffle_epi32(sum, 0xb1));
    out[row] = _mm_cvtsi128_si32(sum);
  }
}

/** SSE2 is part of every x86-64. */
static void coarse_baseline(const int8_t *rows, const int16_t *query, size_t width, size_t count, int32_t *out) {
  for (size_t row = 0; row < count; row++, rows += width) {
    __m128i a = _mm_setzero_si128(), b = a;
    for (size_t i = 0; i < width; i += 16) {
      __m128i bytes = _mm_loadu_si128((const __m128i *)(rows + i));
      __m128i sign = _mm_cmpgt_epi8(_mm_setzero_si128(), bytes);
      a = _mm_add_epi32(a, _mm_madd_epi16(_mm_unpacklo_epi8(bytes, sign), _mm_loadu_si128((const __m128i *)(query + i))));
      b = _mm_add_epi32(b, _mm_madd_epi16(_mm_unpackhi_epi8(bytes, sign), _mm_loadu_si128((const __m128i *)(query + i + 8))));
    }
    a = _mm_add_epi32(a, b);
    a = _mm_add_epi32(a, _mm_shuffle_epi32(a, 0x4e));
    a = _mm_add_epi32(a, _mm_shuffle_epi32(a, 0xb1));
    out[row] = _mm_cvtsi128_si32(a);
  }
}
#elif defined(__wasm_simd128__)
static void coarse_baseline(const int8_t *rows, const int16_t *query, size_t width, size_t count, int32_t *out) {
  for (size_t row = 0; row < count; row++, rows += width) {
    v128_t a = wasm_i32x4_splat(0), b = a;
    for (size_t i = 0; i < width; i += 16) {
      v128_t bytes = wasm_v128_load(rows + i);
      a = wasm_i32x4_add(a, wasm_i32x4_dot_i16x8(wasm_i16x8_extend_low_i8x16(bytes), wasm_v128_load(query + i)));
      b = wasm_i32x4_add(b, wasm_i32x4_dot_i16x8(wasm_i16x8_extend_high_i8x16(bytes), wasm_v128_load(query + i + 8)));
    }
    a = wasm_i32x4_add(a, b);
    out[row] = wasm_i32x4_extract_lane(a, 0) + wasm_i32x4_extract_lane(a, 1) + wasm_i32x4_extract_lane(a, 2) +
               wasm_i32x4_extract_lane(a, 3);
  }
}
#else
static void coarse_baseline(const int8_t *rows, const int16_t *query, size_t width, size_t count, int32_t *out) {
  for (size_t row = 0; row < count; row++, rows += width) {
    int32_t sum = 0;
    for (size_t i = 0; i < width; i++) sum += (int32_t)rows[i] * query[i];
    out[row] = sum;
  }
}
#endif

DEFINE_FLOAT_KERNELS(baseline, )

static const kernel baseline_kernel = {"baseline", dot_baseline, square_baseline, coarse_baseline};

/** The fastest that this machine runs. */
static const kernel *best_kernel(void) {
#if defined(__x86_64__)
  static const kernel avx2_kernel = {"avx2", dot_avx2, square_avx2, coarse_avx2};
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) return &avx2_kernel;
#endif
  return &baseline_kernel;
}

#endif
