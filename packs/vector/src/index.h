/*
 * An index: vectors by id, and the exact nearest ones to a query.
 *
 * Each row of floats has a copy in bytes, a quarter of the size. A query first scans the bytes and their
 * maximal error, which gives an upper and a lower bound of every score. Only rows whose upper bound reaches
 * the k-th best lower bound are computed with floats. The result equals that of a search over all floats.
 *
 * I1. Row r is `floats[r * width …]`, `bytes[r * width …]`, `facts[r]`; rows are dense, ids are unique.
 * I2. |score - estimate| <= bound for every row, rounding included.
 */
#ifndef VECTOR_INDEX_H
#define VECTOR_INDEX_H

#include "id_map.h"
#include "kernel.h"
#include "ranking.h"

typedef enum { COSINE, DOT, L2 } metric;

/** Facts about one row. */
typedef struct {
  uint32_t id;
  /** The value of one unit of a byte. */
  float scale;
  float norm;
  /** The distance between the row and the values of its bytes. */
  float error;
} row_facts;

typedef struct {
  const kernel *kernel;
  metric metric;
  uint32_t dimensions;
  /** Elements of a row: the dimensions, padded. */
  uint32_t width;
  uint32_t count;
  uint32_t capacity;
  uint32_t next_id;
  float *floats;
  int8_t *bytes;
  row_facts *facts;
  id_map ids;
} vector_index;

/** A query in both forms, padded to the width of the rows. */
typedef struct {
  const float *floats;
  const int16_t *shorts;
  float scale;
  float norm;
  float error;
} vector_query;

#define COARSE_ROWS 512
/** Rounding of sums over this many floats, relative to the product of their norms. */
#define ROUNDING(width) ((float)((width) + 64) * 1.2e-7f)

static void index_free(vector_index *index) {
  dz_free(index->floats);
  dz_free(index->bytes);
  dz_free(index->facts);
  dz_free(index->ids.entries);
}

static bool index_reserve(vector_index *index) {
  if (index->count < index->capacity) return true;
  uint32_t capacity = index->capacity ? index->capacity * 2 : 64;
  size_t cells = (size_t)capacity * index->width, old = (size_t)index->capacity * index->width;
  if (capacity > INT32_MAX || cells > SIZE_MAX / sizeof(float) / 2) return false;
  float *floats = dz_resize(index->floats, old * sizeof(float), cells * sizeof(float));
  if (!floats) return false;
  index->floats = floats;
  int8_t *bytes = dz_resize(index->bytes, old, cells);
  if (!bytes) return false;
  index->bytes = bytes;
  row_facts *facts = dz_resize(index->facts, index->capacity * sizeof(row_facts), capacity * sizeof(row_facts));
  if (!facts) return false;
  index->facts = facts;
  index->capacity = capacity;
  return true;
}

static float largest(const float *floats, size_t count) {
  float found = 0;
  for (size_t i = 0; i < count; i++) {
    float size = floats[i] < 0 ? -floats[i] : floats[i];
    if (size > found) found = size;
  }
  return found;
}

static inline int32_t round_to_int(float value) { return (int32_t)(value < 0 ? value - 0.5f : value + 0.5f); }

/** The safety margin for rounding, relative to a norm. */
static inline float upwards(float value) { return value * 1.0001f; }

static void index_write_row(vector_index *index, uint32_t row, const float *vector) {
  float *floats = index->floats + (size_t)row * index->width;
  int8_t *bytes = index->bytes + (size_t)row * index->width;
  float scale = largest(vector, index->dimensions) / 127, error = 0, square = 0;
  memset(floats, 0, sizeof(float) * index->width);
  memset(bytes, 0, index->width);
  for (uint32_t i = 0; i < index->dimensions; i++) {
    int32_t byte = scale > 0 ? round_to_int(vector[i] / scale) : 0;
    byte = byte > 127 ? 127 : byte < -127 ? -127 : byte;
    float rest = vector[i] - (float)byte * scale;
    floats[i] = vector[i];
    bytes[i] = (int8_t)byte;
    error += rest * rest;
    square += vector[i] * vector[i];
  }
  row_facts *facts = &index->facts[row];
  facts->scale = scale;
  facts->norm = __builtin_sqrtf(square);
  facts->error = upwards(__builtin_sqrtf(error));
}

/** Adds a vector, or replaces the one with that id. */
static bool index_add(vector_index *index, uint32_t id, const float *vector) {
  id_entry *known = id_find(&index->ids, id);
  if (known) {
    index_write_row(index, known->row - 1, vector);
    return true;
  }
  if (!index_reserve(index) || !id_reserve(&index->ids)) return false;
  uint32_t row = index->count++;
  index->facts[row].id = id;
  index_write_row(index, row, vector);
  id_insert(&index->ids, id, row);
  if (id >= index->next_id) index->next_id = id + 1;
  return true;
}

/** The last row replaces the removed one. */
static bool index_remove(vector_index *index, uint32_t id) {
  id_entry *known = id_find(&index->ids, id);
  if (!known) return false;
  uint32_t row = known->row - 1, last = --index->count;
  id_remove(&index->ids, known);
  if (row == last) return true;
  size_t width = index->width;
  memcpy(index->floats + row * width, index->floats + last * width, width * sizeof(float));
  memcpy(index->bytes + row * width, index->bytes + last * width, width);
  index->facts[row] = index->facts[last];
  id_find(&index->ids, index->facts[row].id)->row = row + 1;
  return true;
}

/** The score of a row from its floats: higher is better, for every metric. */
static float exact_score(const vector_index *index, uint32_t row, const vector_query *query) {
  const float *floats = index->floats + (size_t)row * index->width;
  if (index->metric == L2) return -index->kernel->square(floats, query->floats, index->width);
  float dot = index->kernel->dot(floats, query->floats, index->width);
  if (index->metric == DOT) return dot;
  float norms = index->facts[row].norm * query->norm;
  return norms > 0 ? dot / norms : 0;
}

/** The same from its bytes, with the maximal error. */
static inline float coarse_score(const vector_index *index, uint32_t row, const vector_query *query, int32_t product, float *bound) {
  const row_facts *facts = &index->facts[row];
  float norms = facts->norm * query->norm, dot = (float)product * facts->scale * query->scale;
  float error = facts->error * query->norm + (facts->norm + facts->error) * query->error + norms * ROUNDING(index->width);
  if (index->metric == DOT) {
    *bound = error;
    return dot;
  }
  if (index->metric == L2) {
    float squares = facts->norm * facts->norm + query->norm * query->norm;
    *bound = 2 * error + squares * ROUNDING(index->width);
    return 2 * dot - squares;
  }
  float inverse = norms > 0 ? 1 / norms : 0;
  *bound = error * inverse + ROUNDING(index->width);
  return dot * inverse;
}

/**
 * Writes the best of all rows into `top`. `uppers` has room for one float per row, `lowers` for as many
 * entries as `top`.
 */
static void index_search(const vector_index *index, const vector_query *query, ranking *top, float *uppers, ranked *lowers) {
  top->count = 0;
  if (index->count < COARSE_ROWS || index->count < 8 * top->capacity) {
    for (uint32_t row = 0; row < index->count; row++) rank(top, exact_score(index, row, query), index->facts[row].id);
    sort_ranking(top);
    return;
  }
  ranking bounds = {lowers, 0, top->capacity};
  int32_t products[COARSE_ROWS];
  for (uint32_t from = 0; from < index->count; from += COARSE_ROWS) {
    uint32_t rows = index->count - from < COARSE_ROWS ? index->count - from : COARSE_ROWS;
    index->kernel->coarse(index->bytes + (size_t)from * index->width, query->shorts, index->width, rows, products);
    for (uint32_t i = 0; i < rows; i++) {
      float bound, score = coarse_score(index, from + i, query, products[i], &bound);
      uppers[from + i] = score + bound;
      rank(&bounds, score - bound, 0);
    }
  }
  float least = bounds.entries[0].score;
  for (uint32_t row = 0; row < index->count; row++) {
    if (uppers[row] >= least) rank(top, exact_score(index, row, query), index->facts[row].id);
  }
  sort_ranking(top);
}

#endif
