/* Nearest neighbours: an index that persists between ticks, and a search over the vectors of one tick. */
#define DENIZEN_PACK_THREADS
#include <denizen_pack.h>

#include "index.h"

#define DIMENSIONS_MAX 4096
#define NEIGHBOURS_MAX 10000

typedef struct {
  vector_index index;
  bool configured;
} index_state;

static void destroy_index(void *state) { index_free(&((index_state *)state)->index); }

/** Reads the config into an index without rows. DZ_OK, or the tick's failure. */
static int configure(dz_tick *tick, vector_index *index) {
  int64_t dimensions = dz_int(dz_config(tick, "dimensions"), 0);
  if (dimensions < 1 || dimensions > DIMENSIONS_MAX) {
    return dz_fail(tick, "Cannot use vectors as config \"dimensions\" is not a whole number from 1 to 4096");
  }
  dz_value name = dz_config(tick, "metric");
  if (dz_kind_of(name) == DZ_NONE || dz_equals(name, "cosine")) index->metric = COSINE;
  else if (dz_equals(name, "dot")) index->metric = DOT;
  else if (dz_equals(name, "l2")) index->metric = L2;
  else return dz_fail(tick, "Cannot use vectors as config \"metric\" is not cosine, dot or l2");
  index->kernel = dz_equals(dz_config(tick, "kernel"), "baseline") ? &baseline_kernel : best_kernel();
  index->dimensions = (uint32_t)dimensions;
  index->width = (index->dimensions + KERNEL_WIDTH - 1) / KERNEL_WIDTH * KERNEL_WIDTH;
  return DZ_OK;
}

/** The vectors on a port; `count` says how many. DZ_OK with 0 if there are none. */
static int read_vectors(dz_tick *tick, const char *port, uint32_t dimensions, const float **vectors, uint32_t *count) {
  dz_value value = dz_input(tick, port);
  *count = 0;
  if (dz_kind_of(value) == DZ_NONE || dz_kind_of(value) == DZ_NULL) return DZ_OK;
  dz_array floats = dz_array_of(tick, value, DZ_F32);
  if (!floats.at) return dz_fail(tick, "Cannot use vectors as they are not a Float32Array");
  if (floats.length % dimensions != 0) return dz_fail(tick, "Cannot use vectors as their length is not a multiple of the dimensions");
  const float *at = floats.at;
  for (size_t i = 0; i < floats.length; i++) {
    /* Norms are sums of squares: larger numbers would overflow. */
    if (!(at[i] >= -1e15f && at[i] <= 1e15f)) return dz_fail(tick, "Cannot use vectors as a number is not finite or beyond 1e15");
  }
  *vectors = at;
  *count = (uint32_t)(floats.length / dimensions);
  return DZ_OK;
}

/** The ids on a port; null if there are none. */
static int read_ids(dz_tick *tick, const char *port, const uint32_t **ids, size_t *count) {
  dz_value value = dz_input(tick, port);
  *ids = NULL;
  *count = 0;
  if (dz_kind_of(value) == DZ_NONE || dz_kind_of(value) == DZ_NULL) return DZ_OK;
  dz_array found = dz_array_of(tick, value, DZ_U32);
  if (!found.at) return dz_fail(tick, "Cannot use ids as they are not a Uint32Array");
  *ids = found.at;
  *count = found.length;
  return DZ_OK;
}

static int add_vectors(dz_tick *tick, vector_index *index) {
  const float *vectors = NULL;
  const uint32_t *ids;
  uint32_t count;
  size_t id_count;
  if (read_vectors(tick, "add", index->dimensions, &vectors, &count) != DZ_OK) return DZ_FAILED;
  if (read_ids(tick, "ids", &ids, &id_count) != DZ_OK) return DZ_FAILED;
  if (ids && id_count != count) return dz_fail(tick, "Cannot add vectors as there is not one id for each");
  for (size_t i = 0; i < id_count; i++) {
    if (ids[i] == UINT32_MAX) return dz_fail(tick, "Cannot add vectors as an id is 4294967295");
  }
  uint32_t *added = count ? dz_put_array(tick, "added", DZ_U32, count) : NULL;
  for (uint32_t i = 0; added && i < count; i++) {
    added[i] = ids ? ids[i] : index->next_id;
    if (!index_add(index, added[i], vectors + (size_t)i * index->dimensions)) return DZ_NO_MEMORY;
  }
  return DZ_OK;
}

static int remove_vectors(dz_tick *tick, vector_index *index) {
  const uint32_t *ids;
  size_t count;
  int64_t removed = 0;
  if (read_ids(tick, "remove", &ids, &count) != DZ_OK) return DZ_FAILED;
  for (size_t i = 0; i < count; i++) removed += index_remove(index, ids[i]);
  if (ids) dz_put_int(tick, "removed", removed);
  return DZ_OK;
}

/** Writes a query in both forms into memory of the tick. */
static bool prepare_query(dz_tick *tick, const vector_index *index, const float *vector, vector_query *query) {
  float *floats = dz_scratch(tick, index->width * sizeof(float));
  int16_t *shorts = dz_scratch(tick, index->width * sizeof(int16_t));
  if (!floats || !shorts) return false;
  /* The sum of `width` products of a byte and a short must fit in 32 bits. */
  int32_t most = (int32_t)(INT32_MAX / 128 / index->width);
  float scale = largest(vector, index->dimensions) / (float)(most > 32767 ? 32767 : most), error = 0, square = 0;
  memset(floats, 0, index->width * sizeof(float));
  memset(shorts, 0, index->width * sizeof(int16_t));
  for (uint32_t i = 0; i < index->dimensions; i++) {
    int32_t rounded = scale > 0 ? round_to_int(vector[i] / scale) : 0;
    float rest = vector[i] - (float)rounded * scale;
    floats[i] = vector[i];
    shorts[i] = (int16_t)(rounded > 32767 ? 32767 : rounded < -32767 ? -32767 : rounded);
    error += rest * rest;
    square += vector[i] * vector[i];
  }
  *query = (vector_query){floats, shorts, scale, __builtin_sqrtf(square), upwards(__builtin_sqrtf(error)) + scale};
  return true;
}

/** The score for the caller: a distance, if the metric is one. */
static float shown_score(const vector_index *index, float score) {
  return index->metric == L2 ? __builtin_sqrtf(score < 0 ? -score : 0) : score;
}

/** Searches for each query, and writes ids and scores one query after the other. */
static int search(dz_tick *tick, const vector_index *index, const char *ids_port) {
  const float *vectors = NULL;
  uint32_t count;
  if (read_vectors(tick, "query", index->dimensions, &vectors, &count) != DZ_OK) return DZ_FAILED;
  int64_t k = dz_int(dz_input(tick, "k"), 10);
  if (k < 1 || k > NEIGHBOURS_MAX) return dz_fail(tick, "Cannot search as k is not a whole number from 1 to 10000");
  if (!count) return DZ_OK;
  size_t found = (size_t)k < index->count ? (size_t)k : index->count, all = found * count;
  ranked *entries = dz_scratch(tick, sizeof(ranked) * (found + 1)), *lowers = dz_scratch(tick, sizeof(ranked) * (found + 1));
  float *uppers = dz_scratch(tick, sizeof(float) * (index->count + 1)), *scores = dz_scratch(tick, sizeof(float) * (all + 1));
  uint32_t *ids = dz_put_array(tick, ids_port, DZ_U32, all);
  if (!entries || !lowers || !uppers || !scores || !ids) return DZ_NO_MEMORY;
  for (uint32_t i = 0; i < count; i++) {
    vector_query query;
    ranking top = {entries, 0, found};
    if (!prepare_query(tick, index, vectors + (size_t)i * index->dimensions, &query)) return DZ_NO_MEMORY;
    index_search(index, &query, &top, uppers, lowers);
    for (size_t j = 0; j < found; j++) {
      ids[i * found + j] = entries[j].id;
      scores[i * found + j] = shown_score(index, entries[j].score);
    }
  }
  float *out = dz_put_array(tick, "scores", DZ_F32, all);
  if (!out) return DZ_NO_MEMORY;
  memcpy(out, scores, sizeof(float) * all);
  return DZ_OK;
}

static int run_index(dz_tick *tick) {
  index_state *self = dz_state(tick);
  vector_index asked = {0};
  int status = configure(tick, &asked);
  if (status != DZ_OK) return status;
  if (!self->configured) self->index = asked;
  self->configured = true;
  if (self->index.dimensions != asked.dimensions) {
    return dz_fail(tick, "Cannot change the dimensions of an index");
  }
  self->index.metric = asked.metric;
  self->index.kernel = asked.kernel;
  if ((status = remove_vectors(tick, &self->index)) != DZ_OK) return status;
  if ((status = add_vectors(tick, &self->index)) != DZ_OK) return status;
  if ((status = search(tick, &self->index, "ids")) != DZ_OK) return status;
  dz_put_int(tick, "count", self->index.count);
  return DZ_OK;
}

/**
 * A search over vectors that come with the query: floats only, because bytes that are used once gain
 * nothing.
 */
static int run_nearest(dz_tick *tick) {
  vector_index asked = {0};
  const float *vectors = NULL, *queries = NULL;
  uint32_t count, query_count;
  int status = configure(tick, &asked);
  if (status != DZ_OK) return status;
  if ((status = read_vectors(tick, "vectors", asked.dimensions, &vectors, &count)) != DZ_OK) return status;
  if ((status = read_vectors(tick, "query", asked.dimensions, &queries, &query_count)) != DZ_OK) return status;
  if (query_count != 1) return dz_fail(tick, "Cannot search as there is not one query");
  int64_t k = dz_int(dz_input(tick, "k"), 10);
  if (k < 1 || k > NEIGHBOURS_MAX) return dz_fail(tick, "Cannot search as k is not a whole number from 1 to 10000");
  size_t found = (size_t)k < count ? (size_t)k : count;
  ranked *entries = dz_scratch(tick, sizeof(ranked) * (found + 1));
  float *row = dz_scratch(tick, asked.width * sizeof(float));
  vector_query query;
  if (!entries || !row || !prepare_query(tick, &asked, queries, &query)) return DZ_NO_MEMORY;
  memset(row, 0, asked.width * sizeof(float));
  ranking top = {entries, 0, found};
  row_facts facts = {0};
  asked.floats = row;
  asked.facts = &facts;
  for (uint32_t i = 0; i < count; i++) {
    memcpy(row, vectors + (size_t)i * asked.dimensions, asked.dimensions * sizeof(float));
    if (asked.metric == COSINE) facts.norm = __builtin_sqrtf(asked.kernel->dot(row, row, asked.width));
    rank(&top, exact_score(&asked, 0, &query), i);
  }
  sort_ranking(&top);
  uint32_t *indexes = dz_put_array(tick, "indexes", DZ_U32, found);
  for (size_t i = 0; indexes && i < found; i++) indexes[i] = entries[i].id;
  float *scores = dz_put_array(tick, "scores", DZ_F32, found);
  for (size_t i = 0; scores && i < found; i++) scores[i] = shown_score(&asked, entries[i].score);
  return DZ_OK;
}

#define CONFIG "dimensions: number, metric?: \"cosine\" | \"dot\" | \"l2\", kernel?: \"baseline\""

DENIZEN_PACK("vector", "1.0.0",
  { .name = "vector.index", .run = run_index, .state_size = sizeof(index_state), .destroy = destroy_index,
    .inports = "remove?: Uint32Array, add?: Float32Array, ids?: Uint32Array, query?: Float32Array, k?: number",
    .outports = "removed?: number, added?: Uint32Array, ids?: Uint32Array, scores?: Float32Array, count: number",
    .config = CONFIG, .blocking = true,
    .description = "Keeps vectors by id and finds the nearest ones: removes, adds, then searches" },
  { .name = "vector.nearest", .run = run_nearest,
    .inports = "vectors: Float32Array, query: Float32Array, k?: number",
    .outports = "indexes: Uint32Array, scores: Float32Array",
    .config = CONFIG, .blocking = true,
    .description = "Finds the nearest of the vectors that come in" })
