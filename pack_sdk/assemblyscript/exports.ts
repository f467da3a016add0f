/** The symbols of the contract, compiled as a second entry next to the pack's own. */
import { checkChar, checkedUpTo, checkKey, checkSpace, checkValue, isUtf8, startCheck, stringIs } from "./json";
import { alloc, countLive, free, liveAllocations } from "./memory";
import { Actor, theOnlyPack } from "./pack";
import { Tick } from "./tick";
import { Kind, NONE, setAttachments, Value } from "./value";

// @ts-ignore: decorator
@external("env", "__reflow_pack_register_template")
declare function registerTemplate(meta: usize, length: usize, factory: u32): i32;

class Instance {
  /** A result or an error for `denizen_actor_take`. */
  kept: usize = 0;
  keptLength: usize = 0;

  constructor(readonly actor: Actor) {}
}

const instances = new Map<u32, Instance>();
const tick = new Tick();
let lastId: u32 = 0;
let description: usize = 0;
let descriptionLength: usize = 0;

export function denizen_pack_abi(): u32 {
  return 1 << 16;
}

export function denizen_pack_features(): u32 {
  return 1 << 0 | 1 << 2;
}

export function denizen_pack_live(): u32 {
  return liveAllocations();
}

export function __reflow_pack_alloc(size: usize): usize {
  return alloc(size);
}

export function __reflow_pack_free(at: usize, _size: usize): void {
  free(at);
}

export function denizen_pack_describe(out: usize, outLength: usize): i32 {
  if (description == 0) {
    tick.begin(0, 0, 0);
    theOnlyPack.describe(tick);
    descriptionLength = tick.finish();
    if (tick.status != 0) return tick.status;
    description = tick.frame;
  }
  store<usize>(out, description);
  store<usize>(outLength, descriptionLength);
  return 0;
}

export function __reflow_pack_register(): i32 {
  let first = 0;
  for (let i = 0; i < theOnlyPack.templates.length; i++) {
    tick.begin(0, 0, 0);
    theOnlyPack.templates[i].describe(tick);
    const length = tick.finish();
    const status = tick.status != 0 ? -99 : registerTemplate(tick.frame, length, i);
    free(tick.frame);
    if (status != 0 && first == 0) first = status;
  }
  return first;
}

export function __reflow_pack_create_actor(factory: u32): u32 {
  if (factory >= <u32> theOnlyPack.templates.length) return 0;
  const instance = new Instance(theOnlyPack.templates[factory].factory());
  do {
    lastId = lastId >= 0x7fffffff ? 1 : lastId + 1;
  } while (instances.has(lastId));
  instances.set(lastId, instance);
  countLive(1);
  return lastId;
}

export function __reflow_pack_destroy_actor(id: u32): void {
  if (!instances.has(id)) return;
  free(instances.get(id).kept);
  instances.delete(id);
  countLive(-1);
}

export function denizen_pack_shutdown(): void {
  const ids = instances.keys();
  for (let i = 0; i < ids.length; i++) __reflow_pack_destroy_actor(ids[i]);
  free(description);
  description = 0;
}

/** Checks the payload and finds its parts. */
function accept(json: usize, length: usize, attachmentBytes: u64): void {
  tick.payload = tick.settings = NONE;
  if (!isUtf8(json, length)) return tick.spoil(-2, "Cannot read the payload as it is not UTF-8");
  startCheck(json, json + length, attachmentBytes);
  const right = acceptMembers();
  checkSpace();
  if (!right || checkedUpTo() != json + length) {
    tick.spoil(-3, "Cannot read the payload as it is not a JSON object with its attachments inside the frame");
  }
  const input = tick.payload.kind, config = tick.settings.kind;
  if (input != Kind.None && input != Kind.Object || config != Kind.None && config != Kind.Object && config != Kind.Null) {
    tick.spoil(-3, "Cannot read the payload as its input or its config is not an object");
  }
}

function acceptMembers(): bool {
  checkSpace();
  if (!checkChar(123)) return false;
  checkSpace();
  if (checkChar(125)) return true;
  do {
    checkSpace();
    const key = checkedUpTo();
    if (!checkKey()) return false;
    checkSpace();
    const value = checkedUpTo();
    if (!checkValue()) return false;
    if (stringIs(key, "input")) tick.payload = new Value(value);
    else if (stringIs(key, "config")) tick.settings = new Value(value);
    checkSpace();
  } while (checkChar(44));
  return checkChar(125);
}

function perform(actor: Actor): usize {
  if (tick.status == 0) actor.run(tick);
  const length = tick.finish();
  return tick.status != 0 ? tick.writeError() : length;
}

export function denizen_actor_tick(id: u32, input: usize, inputLength: u32, out: usize, outCapacity: u32): i32 {
  if (!instances.has(id)) return -1;
  const instance = instances.get(id);
  free(instance.kept);
  instance.kept = 0;
  const direct = out != 0 && (out & 7) == 0;
  tick.begin(4, direct ? out : 0, direct ? <usize> outCapacity : 0);
  const jsonLength: u32 = input != 0 && (input & 7) == 0 && inputLength >= 4 ? load<u32>(input) : 0;
  if (jsonLength == 0 || jsonLength > inputLength - 4) {
    tick.spoil(-3, "Cannot read the frame as its length is wrong");
  } else {
    const base: usize = (4 + jsonLength + 7) & ~7;
    setAttachments(input + base);
    accept(input + 4, jsonLength, base < inputLength ? <u64> inputLength - base : 0);
  }
  const length = perform(instance.actor);
  if (tick.owned && tick.status == 0 && length <= <usize> outCapacity) {
    memory.copy(out, tick.frame, length);
    free(tick.frame);
  } else if (tick.owned) {
    instance.kept = tick.frame;
    instance.keptLength = length;
  }
  return tick.status != 0 ? tick.status : <i32> length;
}

export function denizen_actor_take(id: u32, out: usize, outCapacity: u32): i32 {
  if (!instances.has(id)) return -1;
  const instance = instances.get(id), length = instance.keptLength;
  if (instance.kept == 0) return 0;
  if (out != 0 && length <= <usize> outCapacity) {
    memory.copy(out, instance.kept, length);
    free(instance.kept);
    instance.kept = 0;
  }
  return <i32> length;
}

export function __reflow_pack_actor_run(
  id: u32,
  input: usize,
  inputLength: usize,
  out: usize,
  outLength: usize,
): i32 {
  tick.begin(0, 0, 0);
  setAttachments(0);
  let length: usize;
  if (instances.has(id)) {
    accept(input, input == 0 ? 0 : inputLength, 0);
    length = perform(instances.get(id).actor);
  } else {
    tick.spoil(-1, "Cannot run as there is no such instance");
    length = tick.writeError();
  }
  store<usize>(out, tick.frame);
  store<usize>(outLength, length);
  return tick.status;
}
