/*
 * The echo of the fixture as an Extism plugin: the same JSON reader and writer, with Extism's own input and
 * output.
 */
#include <denizen_pack.h>

#define HOST(name) __attribute__((import_module("extism:host/env"), import_name(#name)))
HOST(input_length) uint64_t input_length(void);
HOST(input_load_u64) uint64_t input_load_u64(uint64_t at);
HOST(input_load_u8) uint32_t input_load_u8(uint64_t at);
HOST(alloc) uint64_t host_alloc(uint64_t size);
HOST(store_u64) void store_u64(uint64_t at, uint64_t word);
HOST(store_u8) void store_u8(uint64_t at, uint32_t byte);
HOST(output_set) void output_set(uint64_t at, uint64_t size);

#define ROOM 4096

static int echo(dz_tick *tick) {
  dz_put_value(tick, "output", dz_input(tick, "input"));
  return DZ_OK;
}

DENIZEN_PACK("plugin", "1.0.0", { .name = "plugin.echo", .run = echo, .inports = "input: unknown", .outports = "output: unknown" })

static _Alignas(8) struct {
  uint32_t length;
  char json[ROOM];
} in, out;
static uint32_t instance;

DZ_EXPORT(call) int32_t call(void) {
  uint32_t size = (uint32_t)input_length(), at = 0;
  if (size > ROOM) return 1;
  in.length = size;
  for (; at + 8 <= size; at += 8) {
    uint64_t word = input_load_u64(at);
    memcpy(in.json + at, &word, 8);
  }
  for (; at < size; at++) in.json[at] = (char)input_load_u8(at);
  if (!instance) instance = __reflow_pack_create_actor(0);
  if (denizen_actor_tick(instance, (const uint8_t *)&in, 4 + size, (uint8_t *)&out, sizeof(out)) < 0) return 1;
  uint64_t to = host_alloc(out.length);
  for (at = 0; at + 8 <= out.length; at += 8) {
    uint64_t word;
    memcpy(&word, out.json + at, 8);
    store_u64(to + at, word);
  }
  for (; at < out.length; at++) store_u8(to + at, (uint8_t)out.json[at]);
  output_set(to, out.length);
  return 0;
}
