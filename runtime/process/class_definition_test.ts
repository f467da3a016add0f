/** A class and its generated code are joined, if they belong together. */
import assert from "node:assert/strict";
import { type Contract, Http, http, process, Save, type SavePolicy } from "@denizen/macro";
import type { MethodHandler } from "./class_executor.ts";
import { define } from "@denizen/runtime";
import { Actor } from "../../tests/apps/actor.ts";
import { contract } from "../../tests/apps/generated/actor.ts";
import { contract as peerContract } from "../../tests/apps/generated/peer.ts";

/** The definition of a class with one handler, `run`, whose parameters are named. */
function joined(
  options: { save?: SavePolicy; keyed?: boolean; passivateAfter?: number },
  parameters: readonly string[] = [],
  takesContext = false,
) {
  @process({ name: "Sample", endpoints: [Http("/api")], ...options })
  class Sample {
    @http
    run(...args: unknown[]): unknown[] {
      return args;
    }
  }
  const run = {
    ...contract.handlers.Read!,
    tag: "Run",
    method: "run",
    transports: ["http"],
    parameters: parameters.map((name) => ({ ...contract.handlers.Add!.parameters[0]!, name })),
    takesContext,
  } as const;
  return define(Sample, {
    ...contract,
    id: "sample:tests:me.os",
    className: "Sample",
    handlers: { Run: run },
  });
}

Deno.test("a keyed process leaves memory after 5 min or what it says; others, and volatile ones, stay", () => {
  assert.equal(joined({ keyed: true }).passivateAfterMs, 300_000);
  assert.equal(joined({ keyed: true, passivateAfter: 7 }).passivateAfterMs, 7_000);
  assert.equal(joined({ keyed: true, save: Save.never }).passivateAfterMs, Infinity);
  assert.equal(joined({ keyed: true, save: Save.never, passivateAfter: 7 }).passivateAfterMs, 7_000);
  assert.equal(joined({}).passivateAfterMs, Infinity);
});

Deno.test("the defaults are: saved with every message, serial, version 1", () => {
  const { save, interleaved, version, keyed, handlers } = joined({});
  assert.deepEqual([save.kind, interleaved, version, keyed], ["everyMessage", false, 1, false]);
  assert.equal(handlers.get("Run")?.save, save);
  assert.equal(define(Actor, contract).handlers.get("PerformVolatile")?.save.kind, "never");
});

Deno.test("a handler gets its arguments in their places and the context after them, with any of them omitted", () => {
  const names = ["a", "b", "c", "d"];
  for (let count = 0; count <= 4; count++) {
    const parameters = names.slice(0, count);
    const args = parameters.slice(0, Math.max(0, count - 1));
    const plain = joined({}, parameters).handlers.get("Run") as MethodHandler;
    const withContext = joined({}, parameters, true).handlers.get("Run") as MethodHandler;
    const instance = {};
    const without = plain.invoke(instance, args, "context") as unknown[];
    assert.deepEqual(without.slice(0, args.length), args);
    assert.ok(!without.includes("context"));
    const given = withContext.invoke(instance, args, "context") as unknown[];
    assert.deepEqual(given, [...args, ...count > 0 ? [undefined] : [], "context"]);
  }
});

Deno.test("a class that is no process cannot be hosted", () => {
  assert.throws(() => define(class Plain {}, contract), {
    code: "declaration",
    message: "Cannot host Plain as it is not a process: decorate it with @process",
  });
});

Deno.test("generated code of another class, format or text is stale, and says how to renew it", () => {
  const { Perform: perform, ...rest } = contract.handlers;
  const extra = { ...perform!, tag: "More", method: "more" };
  const moved = { ...perform!, transports: ["http"] } as const;
  const stale: [Contract, RegExp][] = [
    [peerContract, /it belongs to Peer/],
    [{ ...contract, format: contract.format + 1 }, /it has format \d+, this runtime reads \d+/],
    [{ ...contract, handlers: rest }, /it lacks perform/],
    [{ ...contract, handlers: { ...contract.handlers, More: extra } }, /it still has more/],
    [{ ...contract, handlers: { ...contract.handlers, Perform: moved } }, /it has perform on http/],
  ];
  for (const [generated, reason] of stale) {
    assert.throws(() => define(Actor, generated), { code: "stale_contract", message: reason });
    assert.throws(() => define(Actor, generated), { message: /^Cannot host Actor as .*run "denizen gen"/ });
  }
});
