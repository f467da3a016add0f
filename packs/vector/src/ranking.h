/*
 * The best k of a stream of scores: a heap with the worst kept entry as its root. Of equal scores the lower
 * id is better.
 */
#ifndef VECTOR_RANKING_H
#define VECTOR_RANKING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct {
  float score;
  uint32_t id;
} ranked;

typedef struct {
  ranked *entries;
  size_t count;
  size_t capacity;
} ranking;

static inline bool is_worse(ranked a, ranked b) { return a.score < b.score || (a.score == b.score && a.id > b.id); }

static void sink_root(ranked *heap, size_t count, ranked entry) {
  size_t at = 0;
  for (size_t child = 1; child < count; child = 2 * at + 1) {
    if (child + 1 < count && is_worse(heap[child + 1], heap[child])) child++;
    if (!is_worse(heap[child], entry)) break;
    heap[at] = heap[child];
    at = child;
  }
  heap[at] = entry;
}

static inline void rank(ranking *top, float score, uint32_t id) {
  ranked entry = {score, id};
  if (top->count == top->capacity) {
    if (top->capacity && is_worse(top->entries[0], entry)) sink_root(top->entries, top->count, entry);
    return;
  }
  size_t at = top->count++;
  for (; at > 0 && is_worse(entry, top->entries[(at - 1) / 2]); at = (at - 1) / 2) {
    top->entries[at] = top->entries[(at - 1) / 2];
  }
  top->entries[at] = entry;
}

/** Puts the entries in order, the best first. */
static void sort_ranking(ranking *top) {
  for (size_t left = top->count; left > 1; left--) {
    ranked worst = top->entries[0];
    sink_root(top->entries, left - 1, top->entries[left - 1]);
    top->entries[left - 1] = worst;
  }
}

#endif
