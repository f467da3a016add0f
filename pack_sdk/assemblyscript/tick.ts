/**
 * One tick: what came in, and the writer of what goes out. There is one at a time, and one object for all of
 * them.
 */
import { DEPTH_MAX, elementAt, elementName, elementSize, skipString, skipValue } from "./json";
import { alloc, free } from "./memory";
import { printNumber } from "./number";
import { Kind, NONE, Value, viewOf } from "./value";

const FRAME_MAX: usize = 256 << 20;
/** JSON that may follow an attachment before what is attached has to move. */
const SLACK: usize = 256;
/**
 * Attachments up to this many bytes move to where the JSON ends; before larger ones it is filled up with
 * spaces.
 */
const MOVE_MAX: usize = 4096;

function align8(size: usize): usize {
  return (size + 7) & ~7;
}

export class Tick {
  /**
   * The frame: `start` bytes, then JSON up to `json`, and attachments from `base` (0: none) up to
   * `base + attached`.
   */
  frame: usize = 0;
  owned: bool = false;
  status: i32 = 0;
  error: string = "";
  payload: Value = NONE;
  settings: Value = NONE;
  private capacity: usize = 0;
  private start: usize = 0;
  private json: usize = 0;
  private base: usize = 0;
  private attached: usize = 0;
  private fresh: bool = true;
  private depth: u32 = 0;
  private lists: StaticArray<bool> = new StaticArray<bool>(DEPTH_MAX);

  /** What came in on a port. */
  input(port: string): Value {
    return this.payload.get(port);
  }

  /** What the instance was configured with. */
  config(key: string): Value {
    return this.settings.get(key);
  }

  /** Makes the tick fail; what was put is dropped. */
  fail(text: string): void {
    this.status = -4;
    this.error = text;
  }

  /**
   * Writes a value to an outport; inside an object `port` is the key, inside a list it does not matter.
   * Numbers, booleans, strings, arrays of them, `Value`s, and typed arrays, which become attachments.
   */
  put<T>(port: string, value: T): void {
    if (isString<T>()) this.putText(port, <string> value);
    else if (isBoolean<T>()) this.word(port, value ? "true" : "false");
    else if (isInteger<T>()) this.word(port, value.toString());
    else if (isFloat<T>()) this.putNumber(port, <f64> value);
    else if (value instanceof Value) this.putValue(port, value);
    else if (value instanceof Uint8Array) this.putView<Uint8Array>(port, 0, value);
    else if (value instanceof Int32Array) this.putView<Int32Array>(port, 5, value);
    else if (value instanceof Float32Array) this.putView<Float32Array>(port, 6, value);
    else if (value instanceof Float64Array) this.putView<Float64Array>(port, 7, value);
    else if (isArray<T>()) {
      this.openList(port);
      for (let i = 0; i < value.length; i++) this.put<valueof<T>>("", value[i]);
      this.close();
    } else ERROR("put() takes numbers, booleans, strings, values, and arrays of them");
  }

  /** Writes a part of a text, given in UTF-16 units, without allocating it. */
  putPart(port: string, text: string, from: i32, to: i32): void {
    if (from < 0 || to < from || to > text.length) return this.fail("Cannot write a part of a text that is not in it");
    if (this.place(port)) this.quoted(text, from, to);
  }

  putNull(port: string): void {
    this.word(port, "null");
  }

  /** Room for bytes, which the caller fills before the next put. */
  bytes(port: string, length: i32): Uint8Array {
    return this.view<Uint8Array>(port, 0, length);
  }

  floats(port: string, length: i32): Float32Array {
    return this.view<Float32Array>(port, 6, length);
  }

  openList(port: string): void {
    this.open(port, true);
  }

  openObject(port: string): void {
    this.open(port, false);
  }

  close(): void {
    if (this.depth == 0) return this.spoil(-5, "Cannot write the result as more is closed than was opened");
    this.depth--;
    this.char(this.lists[this.depth] ? 93 : 125);
    this.fresh = false;
  }

  // Values.

  private putText(port: string, text: string): void {
    if (this.place(port)) this.quoted(text);
  }

  private putNumber(port: string, value: f64): void {
    if (!isFinite(value)) return this.spoil(-5, "Cannot write the result as a number in it is not finite");
    this.word(port, printNumber(value));
  }

  private putView<T extends ArrayBufferView>(port: string, element: i32, value: T): void {
    if (!this.place(port)) return;
    const to = this.attach(element, value.byteLength / elementSize(element));
    if (to != 0) memory.copy(to, value.dataStart, value.byteLength);
  }

  /** A value of the payload as it came, attachments too. */
  private putValue(port: string, value: Value): void {
    if (value.kind == Kind.None) return this.putNull(port);
    if (!this.place(port)) return;
    const end = skipValue(value.at);
    let from = value.at, p = from;
    while (p < end) {
      const c = load<u8>(p);
      const element = c == 123 ? elementAt(p) : -1;
      if (c == 34) p = skipString(p);
      else if (element < 0) p++;
      else {
        this.raw(from, p - from);
        const attachment = new Value(p), length = attachment.attachmentLength;
        const to = this.attach(element, <u32> length);
        if (to == 0) return;
        memory.copy(to, attachment.attachmentAt, length * elementSize(element));
        from = p = skipValue(p);
      }
    }
    this.raw(from, end - from);
  }

  private view<T>(port: string, element: i32, length: i32): T {
    const to = this.place(port) ? this.attach(element, <u32> length) : 0;
    return viewOf<T>(to, to == 0 ? 0 : <usize> length * elementSize(element));
  }

  // The frame.

  /** Starts a result in `out`, or in memory of our own if that is 0. */
  begin(start: usize, out: usize, capacity: usize): void {
    this.frame = out;
    this.capacity = capacity;
    this.owned = false;
    this.start = this.json = start;
    this.base = this.attached = 0;
    this.depth = 0;
    this.status = 0;
    this.error = "";
    this.fresh = true;
    this.char(123);
  }

  /** Closes the result and returns its length; 0 for the empty one, and when it failed. */
  finish(): usize {
    while (this.depth > 0 && this.status == 0) this.close();
    const empty = this.json == this.start + 1;
    this.char(125);
    if (this.status != 0) return 0;
    if (this.base != 0 && this.attached <= MOVE_MAX) {
      const base = align8(this.json);
      memory.copy(this.frame + base, this.frame + this.base, this.attached);
      memory.fill(this.frame + this.json, 0, base - this.json);
      this.base = base;
    } else if (this.base != 0) {
      memory.fill(this.frame + this.json, 32, this.base - this.json);
      this.json = this.base;
    }
    if (this.start != 0) {
      store<u32>(this.frame, <u32> (this.json - this.start));
      if (empty) return 0;
    }
    return this.base != 0 ? this.base + this.attached : this.json;
  }

  /** Puts the error's text in the place of a result, in memory of our own. */
  writeError(): usize {
    const status = this.status, text = this.error;
    if (this.owned) free(this.frame);
    this.begin(this.start, 0, 0);
    this.putText("error", text);
    const length = this.finish();
    this.status = status;
    return length;
  }

  spoil(status: i32, text: string): void {
    if (this.status != 0) return;
    this.status = status;
    this.error = text;
  }

  private hold(size: usize): bool {
    if (this.status != 0) return false;
    if (size <= this.capacity) return true;
    if (size > FRAME_MAX) {
      this.spoil(-5, "Cannot write the result as it is larger than a frame may be");
      return false;
    }
    const capacity = align8(max<usize>(max<usize>(this.capacity * 2, size), 256));
    const frame = alloc(capacity);
    if (this.frame != 0) {
      memory.copy(frame, this.frame, min(this.json, this.capacity));
      if (this.base != 0) memory.copy(frame + this.base, this.frame + this.base, this.attached);
      if (this.owned) free(this.frame);
    }
    this.frame = frame;
    this.capacity = capacity;
    this.owned = true;
    return true;
  }

  /** Makes room for `size` more bytes of JSON. */
  private room(size: usize): bool {
    if (this.base == 0) return this.hold(this.json + size);
    if (this.json + size <= this.base) return this.status == 0;
    const base = align8(this.json + size + this.base);
    if (!this.hold(base + this.attached)) return false;
    memory.copy(this.frame + base, this.frame + this.base, this.attached);
    this.base = base;
    return true;
  }

  private attach(element: i32, length: u32): usize {
    const offset = align8(this.attached), bytes = <u64> length * elementSize(element);
    if (this.start == 0) this.spoil(-5, "Cannot write the result as only a frame carries bytes");
    if (bytes > FRAME_MAX) this.spoil(-5, "Cannot write the result as it is larger than a frame may be");
    const name = elementName(element);
    this.ascii('{"' + name + '":[' + offset.toString() + "," + length.toString() + "]}");
    const base = this.base != 0 ? this.base : align8(this.json + SLACK);
    if (!this.hold(base + offset + <usize> bytes)) return 0;
    this.base = base;
    memory.fill(this.frame + base + this.attached, 0, offset - this.attached);
    this.attached = offset + <usize> bytes;
    return this.frame + base + offset;
  }

  private open(port: string, list: bool): void {
    if (this.depth == DEPTH_MAX) this.spoil(-5, "Cannot write the result as it is nested too deep");
    if (!this.place(port)) return;
    this.char(list ? 91 : 123);
    this.lists[this.depth++] = list;
    this.fresh = true;
  }

  /** What stands before a value: the comma, and the key inside an object. */
  private place(port: string): bool {
    if (this.status != 0) return false;
    if (!this.fresh) this.char(44);
    this.fresh = false;
    if (this.depth == 0 || !this.lists[this.depth - 1]) {
      this.quoted(port);
      this.char(58);
    }
    return this.status == 0;
  }

  private word(port: string, word: string): void {
    if (this.place(port)) this.ascii(word);
  }

  private char(c: u8): void {
    if (this.room(1)) store<u8>(this.frame + this.json++, c);
  }

  private raw(from: usize, length: usize): void {
    if (!this.room(length)) return;
    memory.copy(this.frame + this.json, from, length);
    this.json += length;
  }

  private ascii(text: string): void {
    if (!this.room(text.length)) return;
    for (let i = 0; i < text.length; i++) store<u8>(this.frame + this.json++, <u8> text.charCodeAt(i));
  }

  /** `from` and `end` are positions in the text. */
  private quoted(text: string, from: i32 = 0, end: i32 = text.length): void {
    if (!this.room(<usize> (end - from) * 6 + 2)) return;
    let to = this.frame + this.json;
    store<u8>(to++, 34);
    for (let i = from; i < end; i++) {
      const c = <i32> load<u16>(changetype<usize>(text) + (<usize> i << 1));
      if (c < 0x80) {
        if (c == 34 || c == 92) store<u8>(to++, 92);
        if (c >= 32) store<u8>(to++, <u8> c);
        else {
          store<u32>(to, 0x3030755c);
          store<u8>(to, <u8> (48 + (c >> 4)), 4);
          store<u8>(to, <u8> ((c & 15) < 10 ? 48 + (c & 15) : 87 + (c & 15)), 5);
          to += 6;
        }
        continue;
      }
      let point = i + 1 < end ? text.codePointAt(i) : c;
      if (point > 0xffff) i++;
      else if (point >= 0xd800 && point < 0xe000) point = 0xfffd;
      to = utf8(to, point);
    }
    store<u8>(to++, 34);
    this.json = to - this.frame;
  }
}

function utf8(to: usize, point: i32): usize {
  if (point < 0x800) store<u8>(to++, <u8> (0xc0 | point >> 6));
  else {
    if (point < 0x10000) store<u8>(to++, <u8> (0xe0 | point >> 12));
    else {
      store<u8>(to++, <u8> (0xf0 | point >> 18));
      store<u8>(to++, <u8> (0x80 | point >> 12 & 63));
    }
    store<u8>(to++, <u8> (0x80 | point >> 6 & 63));
  }
  store<u8>(to++, <u8> (0x80 | point & 63));
  return to;
}
