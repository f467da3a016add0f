import assert from "node:assert/strict";
import { checkHandshake } from "../carrier.ts";
import { type Case, describe, withPack } from "./subject.ts";

const LOADS = 20;

export const LOADING_CASES: readonly Case[] = [
  {
    name: "answers the handshake with a version and features that this host knows",
    run: (subject) =>
      withPack(subject, (pack) => {
        checkHandshake(pack.abi(), pack.features());
        assert.ok(pack.features() & 1 << 2, "state outlives a tick in every pack: feature bit 2");
      }),
  },
  {
    name: "describes itself in the same words each time",
    run: (subject) =>
      withPack(subject, (pack) => {
        const first = describe(pack);
        assert.ok(first.templates.length > 0, "it has no templates");
        assert.deepEqual(describe(pack), first);
      }),
  },
  {
    name: "registers what it describes, in the same order",
    run(subject) {
      const pack = subject.open();
      const { status, ids } = pack.register((_id, factory) => {
        assert.ok(factory < 1 << 20, "factories are not counted from 0");
        return 0;
      });
      assert.equal(status, 0);
      assert.deepEqual(ids, describe(pack).templates.map(({ name }) => name));
      pack.shutdown();
      pack.close();
    },
  },
  {
    name: "answers with the first status that the host refused a template with",
    run(subject) {
      const pack = subject.open();
      const { status, ids } = pack.register((_id, factory) => factory === 0 ? -3 : -4);
      assert.equal(status, -3);
      assert.ok(ids.length > 0);
      if (pack.kind === "native") assert.equal(pack.register(null).status, -1, "a null host");
      pack.shutdown();
      pack.close();
    },
  },
  {
    name: "loads and unloads again and again",
    async run(subject) {
      for (let i = 0; i < LOADS; i++) {
        await withPack(subject, (pack) => {
          const instance = pack.create(0);
          assert.notEqual(instance, 0);
        });
      }
    },
  },
  {
    name: "holds nothing after shutdown",
    run(subject) {
      const pack = subject.open();
      pack.register(() => 0);
      describe(pack);
      for (let i = 0; i < 100; i++) pack.create(0);
      pack.shutdown();
      assert.equal(pack.live(), 0, `allocations are left: ${pack.live()}`);
      pack.close();
    },
  },
];
