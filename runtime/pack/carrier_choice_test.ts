import assert from "node:assert/strict";
import { DenizenError } from "../errors.ts";
import { chooseCarrier, type Circumstances } from "./carrier_choice.ts";

const everything: Circumstances = {
  pack: "text",
  mode: "auto",
  hasWasm: true,
  hasNative: true,
  allowsNative: true,
  trusted: true,
  ffi: true,
  run: true,
  timeLimited: false,
};

function chosen(changes: Partial<Circumstances>): string {
  try {
    const { isolation, reason } = chooseCarrier({ ...everything, ...changes });
    return `${isolation}: ${reason}`;
  } catch (error) {
    assert.ok(error instanceof DenizenError);
    return `${error.code}: ${error.message}`;
  }
}

Deno.test("auto runs natively what is trusted, allowed and possible", () => {
  assert.match(chosen({}), /^native: it is trusted/);
  assert.match(chosen({ hasWasm: false }), /^native/);
});

Deno.test("auto falls back to wasm, and says why", () => {
  assert.match(chosen({ hasNative: false }), /^wasm: wasm as it has no library for .*; on the node's thread/);
  assert.match(chosen({ allowsNative: false }), /^wasm: wasm as denizen.packs does not say "native": true/);
  assert.match(chosen({ ffi: false }), /^wasm: wasm as --allow-ffi is not granted/);
  assert.match(chosen({ trusted: false }), /^worker: wasm as it is not trusted; in a worker/);
  assert.match(
    chosen({ timeLimited: true }),
    /^worker: .* cannot be stopped .*; in a worker as it has a time limit/,
  );
});

Deno.test("auto isolates a library that has no module and may not run in this process", () => {
  assert.match(
    chosen({ hasWasm: false, trusted: false }),
    /^isolated: it has no WebAssembly module, and it is not/,
  );
  assert.match(chosen({ hasWasm: false, ffi: false }), /^isolated/);
  assert.match(chosen({ hasWasm: false, timeLimited: true }), /^isolated/);
  assert.match(chosen({ hasWasm: false, ffi: false, run: false }), /^pack_denied: .*--allow-run/);
  assert.match(chosen({ hasWasm: false, allowsNative: false }), /^pack_denied: .*"native": true/);
  assert.match(chosen({ hasWasm: false, hasNative: false }), /^pack_incompatible/);
});

Deno.test("a mode that is asked for is taken, or refused with the reason", () => {
  assert.match(chosen({ mode: "native", trusted: false }), /^native: denizen.packs asks for it/);
  assert.match(
    chosen({ mode: "native", allowsNative: false }),
    /^pack_denied: Cannot load the pack text as denizen.packs/,
  );
  assert.match(chosen({ mode: "native", ffi: false }), /^pack_denied: .*--allow-ffi/);
  assert.match(chosen({ mode: "native", hasNative: false }), /^pack_incompatible: .*no library/);
  assert.match(chosen({ mode: "isolated" }), /^isolated/);
  assert.match(chosen({ mode: "isolated", run: false }), /^pack_denied: .*--allow-run/);
  assert.match(chosen({ mode: "wasm" }), /^wasm/);
  assert.match(chosen({ mode: "wasm", trusted: false }), /^worker/);
  assert.match(chosen({ mode: "wasm", hasWasm: false }), /^pack_incompatible: .*no WebAssembly module/);
});
