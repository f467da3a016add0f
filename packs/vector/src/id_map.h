/*
 * Maps an id to its row: open addressing, at most half full; entries after a removed one move up, so there
 * are no tombstones.
 */
#ifndef VECTOR_ID_MAP_H
#define VECTOR_ID_MAP_H

#include <denizen_pack.h>

typedef struct {
  uint32_t id;
  /** 0: free; otherwise the row plus 1. */
  uint32_t row;
} id_entry;

typedef struct {
  id_entry *entries;
  /** A power of 2, or 0. */
  uint32_t size;
  uint32_t used;
} id_map;

static inline uint32_t id_place(const id_map *map, uint32_t id) { return (uint32_t)(id * 2654435761u) & (map->size - 1); }

static id_entry *id_find(const id_map *map, uint32_t id) {
  if (!map->size) return NULL;
  for (uint32_t at = id_place(map, id); map->entries[at].row; at = (at + 1) & (map->size - 1)) {
    if (map->entries[at].id == id) return &map->entries[at];
  }
  return NULL;
}

static void id_insert(id_map *map, uint32_t id, uint32_t row) {
  uint32_t at = id_place(map, id);
  while (map->entries[at].row) at = (at + 1) & (map->size - 1);
  map->entries[at] = (id_entry){id, row + 1};
  map->used++;
}

/** Makes room for one more. */
static bool id_reserve(id_map *map) {
  if (map->used * 2 < map->size) return true;
  id_map grown = {NULL, map->size ? map->size * 2 : 64, 0};
  grown.entries = dz_alloc(sizeof(id_entry) * grown.size);
  if (!grown.entries) return false;
  memset(grown.entries, 0, sizeof(id_entry) * grown.size);
  for (uint32_t at = 0; at < map->size; at++) {
    if (map->entries[at].row) id_insert(&grown, map->entries[at].id, map->entries[at].row - 1);
  }
  dz_free(map->entries);
  *map = grown;
  return true;
}

static void id_remove(id_map *map, id_entry *entry) {
  uint32_t mask = map->size - 1, hole = (uint32_t)(entry - map->entries);
  for (uint32_t at = (hole + 1) & mask; map->entries[at].row; at = (at + 1) & mask) {
    uint32_t home = id_place(map, map->entries[at].id);
    /* It may move up unless its home slot is after the hole. */
    if (((at - home) & mask) < ((at - hole) & mask)) continue;
    map->entries[hole] = map->entries[at];
    hole = at;
  }
  map->entries[hole].row = 0;
  map->used--;
}

#endif
