/*
 * What the C library would provide to a freestanding wasm module: memory and its four functions. Included by
 * `denizen_pack.h`.
 *
 * Small blocks come in classes of 16, 24, 32, 48, 64, 96, … bytes up to a page and are reused within their
 * class. Larger ones are runs of 64 KiB pages, kept in the order of their addresses and joined with their
 * neighbours when they are freed. The 8 bytes before each block say which kind it is. A module is
 * single-threaded: the locks do nothing.
 */
#ifndef DENIZEN_PACK_WASM_H
#define DENIZEN_PACK_WASM_H

/* With bulk memory these compile to one instruction each, not to recursive calls. */
void *memcpy(void *restrict to, const void *restrict from, size_t size) { return __builtin_memcpy(to, from, size); }
void *memmove(void *to, const void *from, size_t size) { return __builtin_memmove(to, from, size); }
void *memset(void *to, int byte, size_t size) { return __builtin_memset(to, byte, size); }
int memcmp(const void *left, const void *right, size_t size) {
  const uint8_t *a = left, *b = right;
  for (; size && *a == *b; size--) a++, b++;
  return size ? *a - *b : 0;
}

static uint32_t dz_live;
#define dz_live_add(n) (dz_live += (uint32_t)(n))
#define dz_live_count() dz_live
typedef int dz_lock;
#define DZ_LOCK_INIT 0
#define dz_lock_take(lock) ((void)(lock))
#define dz_lock_release(lock) ((void)(lock))
#define DZ_SHARED(type) type
#define dz_load(place) (*(place))
#define dz_store(place, value) (*(place) = (value))

#define DZ_PAGE 65536u
#define DZ_CLASSES 24

/** Before a block: its class, or `DZ_CLASSES` and its number of pages. */
typedef struct dz_head {
  uint32_t class;
  uint32_t pages;
} dz_head;

/** At the start of free memory. */
typedef struct dz_free_block {
  struct dz_free_block *next;
  uint32_t pages;
} dz_free_block;

extern unsigned char __heap_base;
static struct {
  dz_free_block *classes[DZ_CLASSES];
  dz_free_block *runs;
  uintptr_t bump;
  uintptr_t bump_end;
} dz_heap;

DZ_API uint32_t dz_class_size(uint32_t class) { return (class & 1 ? 24u : 16u) << (class >> 1); }

DZ_API void dz_give_run(uintptr_t at, uint32_t pages) {
  dz_free_block **link = &dz_heap.runs, *before = NULL;
  while (*link && (uintptr_t)*link < at) {
    before = *link;
    link = &before->next;
  }
  dz_free_block *run = (dz_free_block *)at;
  run->next = *link;
  run->pages = pages;
  *link = run;
  if (run->next && at + pages * DZ_PAGE == (uintptr_t)run->next) {
    run->pages += run->next->pages;
    run->next = run->next->next;
  }
  if (before && (uintptr_t)before + before->pages * DZ_PAGE == at) {
    before->pages += run->pages;
    before->next = run->next;
  }
}

/**
 * The first run with enough pages; 0 if there is none. `*tail` is the number of free pages at the end of
 * memory.
 */
DZ_API uintptr_t dz_find_run(uint32_t pages, uint32_t *tail) {
  *tail = 0;
  for (dz_free_block **link = &dz_heap.runs; *link; link = &(*link)->next) {
    dz_free_block *run = *link;
    if (run->pages >= pages) {
      dz_free_block *rest = (dz_free_block *)((uintptr_t)run + pages * DZ_PAGE);
      if (run->pages > pages) {
        rest->next = run->next;
        rest->pages = run->pages - pages;
      } else rest = run->next;
      *link = rest;
      return (uintptr_t)run;
    }
    if ((uintptr_t)run + run->pages * DZ_PAGE == __builtin_wasm_memory_size(0) * DZ_PAGE) *tail = run->pages;
  }
  return 0;
}

DZ_API uintptr_t dz_take_run(uint32_t pages) {
  uint32_t tail;
  uintptr_t at = dz_find_run(pages, &tail);
  if (at) return at;
  size_t grown = __builtin_wasm_memory_grow(0, pages - tail);
  if (grown == SIZE_MAX) return 0;
  dz_give_run(grown * DZ_PAGE, pages - tail);
  return dz_find_run(pages, &tail);
}

DZ_API void *dz_raw_alloc(size_t size) {
  if (size > (size_t)1 << 31) return NULL;
  uint32_t need = (uint32_t)size + sizeof(dz_head), class = 0;
  while (class < DZ_CLASSES && dz_class_size(class) < need) class++;
  if (!dz_heap.bump_end) {
    /* Before memory grows for the first time: all of the initial memory is free. */
    dz_heap.bump = ((uintptr_t)&__heap_base + 15) & ~(uintptr_t)15;
    dz_heap.bump_end = __builtin_wasm_memory_size(0) * DZ_PAGE;
  }
  uintptr_t at;
  uint32_t pages = (need + DZ_PAGE - 1) / DZ_PAGE;
  if (class == DZ_CLASSES) at = dz_take_run(pages);
  else if (dz_heap.classes[class]) {
    at = (uintptr_t)dz_heap.classes[class];
    dz_heap.classes[class] = dz_heap.classes[class]->next;
  } else {
    if (dz_heap.bump + dz_class_size(class) > dz_heap.bump_end) {
      uintptr_t page = dz_take_run(1);
      if (!page) return NULL;
      dz_heap.bump = page;
      dz_heap.bump_end = page + DZ_PAGE;
    }
    at = dz_heap.bump;
    dz_heap.bump += dz_class_size(class);
  }
  if (!at) return NULL;
  dz_head *head = (dz_head *)at;
  head->class = class;
  head->pages = pages;
  return head + 1;
}

DZ_API void dz_raw_free(void *memory) {
  dz_head *head = (dz_head *)memory - 1;
  uint32_t class = head->class;
  if (class == DZ_CLASSES) {
    dz_give_run((uintptr_t)head, head->pages);
    return;
  }
  dz_free_block *block = (dz_free_block *)head;
  block->next = dz_heap.classes[class];
  dz_heap.classes[class] = block;
}

#endif
