/** A pack in plain C, without the SDK's header, in which every part of the contract can be violated. */
import { compileLibrary, compileModule } from "./built_packs.ts";

export interface StubOptions {
  readonly major?: number;
  readonly minor?: number;
  readonly features?: number;
  /** The templates that the pack describes. */
  readonly described?: readonly string[];
  /** The templates that it registers. */
  readonly registered?: readonly string[];
  /** The status that registration returns, regardless of what happened. */
  readonly registerStatus?: number;
  /** C statements before the first registration. */
  readonly atRegister?: string;
  /** C statements of a tick, which may write to `char *out` of `cap` bytes. */
  readonly tick?: string;
  /** C statements that run before the pack is closed. */
  readonly shutdown?: string;
  /** C expressions. */
  readonly describePointer?: string;
  readonly describeLength?: string;
  readonly allocates?: string;
  readonly takes?: string;
  /** C declarations. */
  readonly declarations?: string;
  /** For the compiler of modules. */
  readonly moduleFlags?: readonly string[];
}

function meta(id: string): string {
  return JSON.stringify({ name: id, inports: ["input"], outports: ["output"] });
}

function stubSource(options: StubOptions): string {
  const { major = 1, minor = 0, features = 1, described = ["stub.one"] } = options;
  const registered = options.registered ?? described;
  const description = JSON.stringify({
    name: "stub",
    version: "1.0.0",
    templates: described.map((id) => JSON.parse(meta(id))),
  });
  return `
typedef unsigned int u32;
typedef __SIZE_TYPE__ size;
#ifdef __wasm__
#define EXPORT(name) __attribute__((export_name(#name)))
__attribute__((import_module("env"), import_name("__reflow_pack_register_template")))
int add_template(const char *meta, size length, u32 factory);
#else
#define EXPORT(name) __attribute__((visibility("default")))
#endif
${options.declarations ?? ""}
static _Alignas(8) char heap[1 << 20];
static size used;
static const char description[] = ${JSON.stringify(description)};
static const char *ids[] = { ${[...registered.map((id) => JSON.stringify(id)), "0"].join(", ")} };
static const char *metas[] = { ${[...registered.map((id) => JSON.stringify(meta(id))), "0"].join(", ")} };
static size length_of(const char *text) { size n = 0; while (text[n]) n++; return n; }
static u32 put(char *out, u32 json, const char *text, u32 length) {
  *(u32 *)out = json;
  for (u32 i = 0; i < length; i++) out[4 + i] = text[i];
  return 4 + length;
}
EXPORT(denizen_pack_abi) u32 denizen_pack_abi(void) { return ${major}u << 16 | ${minor}u; }
EXPORT(denizen_pack_features) u32 denizen_pack_features(void) { return ${features >>> 0}u; }
EXPORT(denizen_pack_describe) int denizen_pack_describe(const char **out, size *length) {
  *out = ${options.describePointer ?? "description"};
  *length = ${options.describeLength ?? "sizeof description - 1"};
  return 0;
}
#ifdef __wasm__
EXPORT(__reflow_pack_register) int __reflow_pack_register(void) {
  int status = 0;
  ${options.atRegister ?? ""}
  for (u32 i = 0; ids[i]; i++) {
    int one = add_template(metas[i], length_of(metas[i]), i);
    if (one && !status) status = one;
  }
  return ${options.registerStatus ?? "status"};
}
#else
static void *make(void *user) { return user; }
struct host { void *data; int (*add)(void *, const char *, void *(*)(void *), void (*)(void *), void *); };
EXPORT(reflow_pack_register) int reflow_pack_register(const struct host *host) {
  int status = 0;
  ${options.atRegister ?? ""}
  for (u32 i = 0; ids[i]; i++) {
    int one = host->add(host->data, ids[i], make, 0, 0);
    if (one && !status) status = one;
  }
  return ${options.registerStatus ?? "status"};
}
#endif
EXPORT(__reflow_pack_alloc) void *__reflow_pack_alloc(size n) {
  if (n == 0 || used + n > sizeof heap) return 0;
  void *at = heap + used;
  used += (n + 7) & ~(size)7;
  return ${options.allocates ?? "at"};
}
EXPORT(__reflow_pack_free) void __reflow_pack_free(void *at, size n) { (void)at; (void)n; }
EXPORT(__reflow_pack_create_actor) u32 __reflow_pack_create_actor(u32 factory) { return factory + 1; }
EXPORT(__reflow_pack_destroy_actor) void __reflow_pack_destroy_actor(u32 instance) { (void)instance; }
EXPORT(__reflow_pack_actor_run)
int __reflow_pack_actor_run(u32 instance, const char *in, size n, char **out, size *length) {
  (void)instance; (void)in; (void)n;
  *out = 0;
  *length = 0;
  return 0;
}
EXPORT(denizen_actor_tick) int denizen_actor_tick(u32 instance, const char *in, u32 n, char *out, u32 cap) {
  (void)instance; (void)in; (void)n; (void)out; (void)cap; (void)put;
  ${options.tick ?? "return 0;"}
}
EXPORT(denizen_actor_take) int denizen_actor_take(u32 instance, char *out, u32 cap) {
  (void)instance; (void)out; (void)cap;
  return ${options.takes ?? "0"};
}
EXPORT(denizen_pack_live) u32 denizen_pack_live(void) { return 0; }
EXPORT(denizen_pack_shutdown) void denizen_pack_shutdown(void) {
  ${options.shutdown ?? ""}
}
`;
}

export function stubModule(folder: string, options: StubOptions): Promise<string> {
  return compileModule(folder, "stub", stubSource(options), options.moduleFlags);
}

export function stubLibrary(folder: string, options: StubOptions): Promise<string> {
  return compileLibrary(folder, "stub", stubSource(options));
}
