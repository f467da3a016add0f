/** The typed stubs of generated modules, run against a caller that only listens. */
import assert from "node:assert/strict";
import type { HandlerContract } from "../declare/contract.ts";
import { generatedCase } from "./testdata/generated_case.ts";

interface Heard {
  readonly target: string;
  readonly handler: HandlerContract;
  readonly args: readonly unknown[];
  readonly options: unknown;
}

Deno.test("a stub hands its caller the process's id, the handler's contract, the arguments and the options", async () => {
  const { contract, module } = await generatedCase("counter");
  const heard: Heard[] = [];
  const caller = {
    call: (target: string, handler: HandlerContract, args: readonly unknown[], options: unknown) => {
      heard.push({ target, handler, args, options });
      return Promise.resolve({ status: "Success", value: 7 });
    },
  };
  const { localRpc } = module as {
    localRpc(
      to: typeof caller,
    ): { increment(by: number, options?: object): Promise<unknown>; status?: unknown };
  };
  const stub = localRpc(caller);
  assert.deepEqual(await stub.increment(5), { status: "Success", value: 7 });
  await stub.increment(6, { timeoutMs: 10 });
  assert.equal(stub.status, undefined, "an HTTP handler is not for other processes");
  assert.deepEqual(heard.map(({ target, args, options }) => [target, args, options]), [
    [contract.id, [5], undefined],
    [contract.id, [6], { timeoutMs: 10 }],
  ]);
  assert.ok(heard.every(({ handler }) => handler === contract.handlers.Increment));
});
