/**
 * A module with the imports, exports, statuses and error texts of a pack that was built with the Reflow SDK.
 */
import { compileModule } from "./built_packs.ts";

const SOURCE = `
typedef unsigned int u32;
#define EXPORT(name) __attribute__((export_name(#name)))
__attribute__((import_module("env"), import_name("__reflow_pack_register_template")))
void register_template(const char *meta, u32 length, u32 factory);
/* What the SDK's own dependencies leave in every pack, and an actor that stays in WebAssembly never calls. */
__attribute__((import_module("__wbindgen_placeholder__"), import_name("__wbg_now_0"))) u32 now(void);
__attribute__((import_module("__wbindgen_externref_xform__"), import_name("__wbindgen_externref_table_grow"))) u32 grow(u32 by);

static _Alignas(8) char heap[1 << 20];
static u32 used;
static const char *const metas[] = {
  "{\\"name\\":\\"my.echo\\",\\"inports\\":[\\"input\\"],\\"outports\\":[\\"output\\"]}",
  "{\\"name\\":\\"my.doubler\\",\\"inports\\":[\\"input\\"],\\"outports\\":[\\"output\\"]}",
  "{\\"name\\":\\"my.counter\\",\\"inports\\":[\\"input\\"],\\"outports\\":[\\"count\\"]}",
  "{\\"name\\":\\"my.fail\\",\\"inports\\":[\\"input\\"],\\"outports\\":[]}",
  "{\\"name\\":\\"my.trap\\",\\"inports\\":[\\"input\\"],\\"outports\\":[]}",
  "{\\"name\\":\\"my.unwritable\\",\\"inports\\":[],\\"outports\\":[]}",
  "{\\"name\\":\\"my.outside\\",\\"inports\\":[],\\"outports\\":[]}",
  "{\\"name\\":\\"my.late\\",\\"inports\\":[],\\"outports\\":[]}",
  "{\\"name\\":\\"my.browser\\",\\"inports\\":[],\\"outports\\":[]}",
};
enum { ECHO, DOUBLER, COUNTER, FAIL, TRAP, UNWRITABLE, OUTSIDE, LATE, BROWSER, FACTORIES };
static struct { u32 factory; u32 live; u32 count; } instances[64];
static u32 made;

static u32 length_of(const char *text) { u32 n = 0; while (text[n]) n++; return n; }

EXPORT(reflow_pack_abi_version) u32 reflow_pack_abi_version(void) { return 2442128673u; }

EXPORT(__reflow_pack_register) int __reflow_pack_register(void) {
  for (u32 i = 0; i < FACTORIES; i++) register_template(metas[i], length_of(metas[i]), i);
  return 0;
}
EXPORT(__reflow_pack_alloc) char *__reflow_pack_alloc(u32 n) {
  if (n == 0 || n > sizeof heap) return 0;
  /* Nothing lives from tick to tick: starting over now and then will do. */
  if (used + n > sizeof heap) used = 0;
  char *at = heap + used;
  used += (n + 7) & ~7u;
  return at;
}
EXPORT(__reflow_pack_free) void __reflow_pack_free(char *at, u32 n) { (void)at; (void)n; }
EXPORT(__reflow_pack_create_actor) u32 __reflow_pack_create_actor(u32 factory) {
  if (factory >= FACTORIES || made >= 63) return 0;
  made++;
  instances[made].factory = factory;
  instances[made].live = 1;
  instances[made].count = 0;
  return made;
}
EXPORT(__reflow_pack_destroy_actor) void __reflow_pack_destroy_actor(u32 instance) {
  if (instance < 64) instances[instance].live = 0;
}

static char *result;
static u32 size;
static void add(const char *text, u32 n) { for (u32 i = 0; i < n; i++) result[size++] = text[i]; }
static void say(const char *text) { add(text, length_of(text)); }
static void number(u32 n) {
  char digits[10];
  u32 count = 0;
  do { digits[count++] = '0' + n % 10; n /= 10; } while (n);
  while (count) add(&digits[--count], 1);
}
static u32 find(const char *in, u32 n, const char *what) {
  u32 length = length_of(what);
  for (u32 i = 0; i + length <= n; i++) {
    u32 same = 0;
    while (same < length && in[i + same] == what[same]) same++;
    if (same == length) return i + 1;
  }
  return 0;
}

static int tick(u32 instance, const char *in, u32 n) {
  if (instance >= 64 || !instances[instance].live) {
    say("{\\"error\\":\\"unknown instance_id ");
    number(instance);
    say("\\"}");
    return -1;
  }
  if (n == 0) {
    say("{\\"error\\":\\"parse payload: EOF\\"}");
    return -3;
  }
  for (u32 i = 0; i < n; i++) {
    if ((unsigned char)in[i] == 0xff) {
      say("{\\"error\\":\\"invalid utf-8 in payload: invalid utf-8 sequence of 1 bytes from index ");
      number(i);
      say("\\"}");
      return -2;
    }
  }
  u32 bytes = find(in, n, "\\"type\\":\\"Object\\",\\"data\\":{\\"data\\":[");
  u32 object = find(in, n, "\\"type\\":\\"Object\\",\\"data\\":{");
#ifdef PLAIN
  if (bytes) {
#else
  if (object && !bytes) {
#endif
    say("{\\"error\\":\\"parse payload: invalid type at \\"data\\"\\n\\"}");
    return -3;
  }
  (void)object;
  u32 message = find(in, n, "\\"input\\":{\\"input\\":"), end = find(in, n, "},\\"config\\":");
  switch (instances[instance].factory) {
  case ECHO:
    say("{");
    if (message && end) {
      say("\\"output\\":");
      add(in + message - 1 + 17, end - 1 - (message - 1 + 17));
    }
    say("}");
    return 0;
  case DOUBLER: {
    u32 value = 0;
    for (u32 i = find(in, n, "\\"data\\":") + 6; i < n && in[i] >= '0' && in[i] <= '9'; i++) value = value * 10 + in[i] - '0';
    say("{\\"output\\":{\\"type\\":\\"Integer\\",\\"data\\":");
    number(2 * value);
    say("}}");
    return 0;
  }
  case COUNTER:
    say("{\\"count\\":{\\"type\\":\\"Integer\\",\\"data\\":");
    number(++instances[instance].count);
    say("}}");
    return 0;
  case FAIL:
    say("{\\"error\\":\\"actor run failed: \\\\\\"two\\\\\\"\\nlines and a \\\\ in it\\"}");
    return -4;
  case UNWRITABLE:
    say("{\\"error\\":\\"serialize output: key must be a \\"string\\"\\nat C:\\\\out\\"}");
    return -5;
  case OUTSIDE:
    result = (char *)0x7ffffff0;
    size = 0x7fffffff;
    return 0;
  case LATE:
    register_template(metas[ECHO], length_of(metas[ECHO]), FACTORIES);
    register_template("x", 0xffffffffu, 0);
    say("{}");
    return 0;
  case BROWSER:
    number(now() + grow(1));
    return 0;
  default:
    __builtin_trap();
  }
}

EXPORT(__reflow_pack_actor_run)
int __reflow_pack_actor_run(u32 instance, const char *in, u32 n, u32 *out, u32 *length) {
  result = __reflow_pack_alloc(n + 4096);
  size = 0;
  int status = tick(instance, in, n);
  *out = (u32)result;
  *length = size;
  return status;
}
`;

/** `plain` is the dialect in which objects are JSON; the SDK of version 0.2 has them as bytes. */
export function reflowModule(folder: string, dialect: "bytes" | "plain"): Promise<string> {
  return compileModule(
    folder,
    `reflow_${dialect}`,
    dialect === "plain" ? `#define PLAIN\n${SOURCE}` : SOURCE,
  );
}
