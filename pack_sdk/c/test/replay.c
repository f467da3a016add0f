/*
 * Gives frames to a pack that is compiled into this program, so that a sanitizer sees what it does with them.
 * `PACK_SOURCE` is the pack.
 *
 * Standard input holds records: template, capacity of the result, length, each 32 bits, and a frame. If the
 * template's highest bit is set, what follows the JSON is handed over as a span. A frame and a result stand
 * in memory of exactly their length. With the argument "threads", four threads do it at once.
 */
#include PACK_SOURCE

#include <pthread.h>
#include <stdio.h>

typedef struct {
  uint32_t factory;
  uint32_t capacity;
  uint32_t length;
} record;

static uint8_t *input;
static size_t input_length;

static void read_input(void) {
  size_t capacity = 1 << 20, count;
  input = malloc(capacity);
  while (input && (count = fread(input + input_length, 1, capacity - input_length, stdin)) > 0) {
    input_length += count;
    if (input_length == capacity) input = realloc(input, capacity *= 2);
  }
}

/** Where the frame's attachments start, if the record wants them in a span. */
static uint32_t span_start(const record *at, const uint8_t *frame) {
  uint32_t json_length;
  if (!(at->factory >> 31) || at->length < 4) return at->length;
  memcpy(&json_length, frame, 4);
  uint64_t base = ((uint64_t)json_length + 4 + 7) / 8 * 8;
  return base < at->length ? (uint32_t)base : at->length;
}

/** A copy at the end of which the sanitizer watches. */
static uint8_t *exactly(const uint8_t *bytes, size_t length) {
  uint8_t *copy = malloc(length ? length : 1);
  if (copy && length) memcpy(copy, bytes, length);
  return copy;
}

static void take(uint32_t instance) {
  int32_t length = denizen_actor_take(instance, NULL, 0);
  if (length <= 0) return;
  uint8_t *out = malloc((size_t)length);
  if (denizen_actor_take(instance, out, (uint32_t)length - 1) != length) abort();
  if (denizen_actor_take(instance, out, (uint32_t)length) != length) abort();
  if (denizen_actor_take(instance, out, (uint32_t)length) != 0) abort();
  free(out);
}

static int32_t tick(uint32_t instance, const record *at, const uint8_t *frame, bool taken) {
  uint32_t base = span_start(at, frame);
  uint8_t *in = exactly(frame, base), *out = malloc(at->capacity ? at->capacity : 1);
  uint8_t *behind = exactly(frame + base, at->length - base);
  dz_span span = {(uint64_t)(uintptr_t)behind, at->length - base};
  int32_t status = at->factory >> 31 ? denizen_actor_tick_spans(instance, in, base, &span, 1, out, at->capacity)
                                     : denizen_actor_tick(instance, in, at->length, out, at->capacity);
  if (status < -99) abort();
  if (taken) take(instance);
  free(in);
  free(behind);
  free(out);
  return status;
}

/** The same frame again, with room for exactly its result, and for one byte less. */
static void tick_tightly(uint32_t instance, const record *at, const uint8_t *frame, int32_t length) {
  for (int32_t less = 0; less < 2; less++) {
    record tight = {at->factory, (uint32_t)(length - less), at->length};
    tick(instance, &tight, frame, true);
  }
}

static void run(uint32_t instance, const record *at, const uint8_t *frame) {
  size_t length = at->length > 4 ? at->length - 4 : 0, out_length = 0;
  uint8_t *in = exactly(frame + (at->length - length), length);
  void *out = NULL;
  __reflow_pack_actor_run(instance, (const char *)in, length, &out, &out_length);
  __reflow_pack_free(out, out_length);
  free(in);
}

static void *replay(void *unused) {
  uint32_t instances[64] = {0};
  uint64_t round = 0;
  for (size_t offset = 0; offset + sizeof(record) <= input_length; round++) {
    record at;
    memcpy(&at, input + offset, sizeof at);
    const uint8_t *frame = input + offset + sizeof at;
    offset += sizeof at + at.length;
    uint32_t factory = at.factory & INT32_MAX, *instance = &instances[factory % 64];
    if (!*instance) *instance = __reflow_pack_create_actor(factory);
    int32_t length = tick(*instance, &at, frame, round % 3 != 0);
    if (length > 0 && round % 4 == 0) tick_tightly(*instance, &at, frame, length);
    if (round % 5 == 0) run(*instance, &at, frame);
    if (round % 17 == 0) {
      __reflow_pack_destroy_actor(*instance);
      __reflow_pack_destroy_actor(*instance);
      if (denizen_actor_tick(*instance, NULL, 0, NULL, 0) != -1) abort();
      *instance = 0;
    }
  }
  return unused;
}

static int32_t register_template(void *data, const char *id, void *(*factory)(void *), void (*drop)(void *), void *user) {
  (void)data, (void)drop, (void)user;
  return id && factory ? 0 : -1;
}

int main(int count, char **values) {
  const dz_host host = {&input, register_template};
  const void *text;
  size_t length;
  (void)values;
  read_input();
  if (reflow_pack_register(NULL) != -1 || reflow_pack_register(&host) != 0) return 3;
  if (denizen_pack_describe(&text, &length) != 0 || length == 0) return 4;
  if (count > 1) {
    pthread_t threads[4];
    for (int i = 0; i < 4; i++) pthread_create(&threads[i], NULL, replay, NULL);
    for (int i = 0; i < 4; i++) pthread_join(threads[i], NULL);
  } else replay(NULL);
  denizen_pack_shutdown();
  if (denizen_pack_live() != 0) return 5;
  free(input);
  return 0;
}
