import assert from "node:assert/strict";
import { checkHandshake } from "./carrier.ts";
import { parseDescription, Registrations } from "./metadata.ts";
import { PackFault } from "./pack_fault.ts";

const encode = (value: unknown) => new TextEncoder().encode(JSON.stringify(value));
const template = { name: "a.b", inports: ["x"], outports: [] };
const refused = (pattern: RegExp) => (error: unknown) =>
  error instanceof PackFault && error.code === "metadata" && pattern.test(error.message);

Deno.test("fields that a description may leave out have defaults, and unknown fields are ignored", () => {
  const description = parseDescription(
    encode({ name: "a", version: "1.0.0", more: 1, templates: [{ ...template, x: 1 }] }),
  );
  assert.deepEqual(description.templates, [
    { name: "a.b", inports: ["x"], outports: [], types: {}, blocking: false, description: "" },
  ]);
});

Deno.test("descriptions that are wrong are refused with the reason", () => {
  const of = (value: unknown) => () => parseDescription(encode(value));
  const withTemplate = (fields: object) =>
    of({ name: "a", version: "1", templates: [{ ...template, ...fields }] });
  assert.throws(() => parseDescription(new Uint8Array([0xff])), refused(/not JSON/));
  assert.throws(of([]), refused(/not an object/));
  assert.throws(of({ name: "a", version: "1" }), refused(/"templates" of its description is not a list/));
  assert.throws(of({ version: "1", templates: [] }), refused(/no name/));
  assert.throws(withTemplate({ name: "" }), refused(/no name/));
  assert.throws(withTemplate({ name: "é".repeat(129) }), refused(/longer than 256 bytes/));
  for (const odd of ["a\nb", "a\u001b[31m", "a\u202eb", "a\u0000", "a\u0085", "a\ud800", "a\u2028b"]) {
    assert.throws(withTemplate({ name: odd }), refused(/cannot be shown: "a\\[nu][^\n\u0080-\uffff]*$/));
    assert.throws(withTemplate({ outports: [odd] }), refused(/cannot be shown in its outports/));
    assert.throws(of({ name: odd, version: "1", templates: [] }), refused(/cannot be shown/));
    assert.throws(of({ name: "a", version: odd, templates: [] }), refused(/cannot be shown/));
  }
  assert.throws(withTemplate({ inports: "x" }), refused(/"inports" of template "a.b" is not a list/));
  assert.throws(withTemplate({ outports: ["x", "x"] }), refused(/a port twice/));
  assert.throws(
    of({ name: "a", version: "1", templates: Array(10_001).fill(template) }),
    refused(/more than 10000/),
  );
  assert.throws(() => parseDescription(new Uint8Array(1024 * 1024 + 1)), refused(/longer than 1048576/));
});

Deno.test("registrations are counted, and an id is taken once", () => {
  const registrations = new Registrations();
  assert.equal(registrations.add("a"), 0);
  assert.equal(registrations.add("a"), -3);
  for (let i = 1; i < 10_000; i++) assert.equal(registrations.add(`a${i}`), 0);
  assert.equal(registrations.add("b"), -4);
});

Deno.test("registering other templates than the described ones is refused", () => {
  const description = parseDescription(encode({ name: "a", version: "1", templates: [template] }));
  const settle = (ids: string[], status = 0) => () => {
    const registrations = new Registrations();
    ids.forEach((id) => registrations.add(id));
    registrations.settle(status, description);
  };
  settle(["a.b"])();
  assert.throws(settle([]), refused(/other templates than it describes/));
  assert.throws(settle(["a.c"]), refused(/a\.c and not a\.b/));
  assert.throws(
    settle(["a.b"], -99),
    (error: PackFault) => error.code === "register" && error.status === -99,
  );
});

Deno.test("a host runs its own major version, and no minor above its own", () => {
  checkHandshake(1 << 16, 0b101);
  checkHandshake(1 << 16, 0b1111_0000_0000_0101);
  for (const abi of [0, 2 << 16, 1 << 16 | 1]) {
    assert.throws(() => checkHandshake(abi, 0b101), (error: PackFault) => error.code === "abi");
  }
  assert.throws(() => checkHandshake(1 << 16, 0x8000_0001), /0x80000000/);
  assert.throws(() => checkHandshake(1 << 16, 0b100), /no frames/);
});
