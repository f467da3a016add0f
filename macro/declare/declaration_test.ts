/** What the decorators refuse while a class is declared, and what they record. */
import assert from "node:assert/strict";
import { Http, Ws } from "./bindings.ts";
import { DeclarationError, declarationOf } from "./declaration.ts";
import { http, init, local, process, ws } from "./decorators.ts";
import type { HttpOptions, ProcessOptions } from "./options.ts";
import { Save } from "./save.ts";

const API = { name: "Sample", endpoints: [Http("/api")] };

/** A process with one handler and these options. */
function declareWith(options: unknown): void {
  @process(options as ProcessOptions)
  class Sample {
    @http
    get(): void {}
  }
  void Sample;
}

/** A process whose one handler has these options. */
function routeWith(options: unknown): void {
  @process(API)
  class Sample {
    @http(options as HttpOptions)
    get(): void {}
  }
  void Sample;
}

const REFUSED: Readonly<Record<string, readonly [declare: () => void, text: string]>> = {
  "no name": [
    () => declareWith({ endpoints: [Http("/api")] }),
    'Cannot declare Sample as "name" is missing: write @process({ name: "Sample" })',
  ],
  "no options": [
    () => declareWith(undefined),
    'Cannot declare Sample as "name" is missing: write @process({ name: "Sample" })',
  ],
  "an unknown option of a process": [
    () => declareWith({ ...API, saveConfig: Save.never }),
    'Cannot declare Sample as @process has no option "saveConfig": known are name, endpoints, save, keyed, turns, ui, version, migrations, passivateAfter',
  ],
  "an unknown option of a handler": [
    () => routeWith({ metod: "GET" }),
    'Cannot use @http on Sample.get as it has no option "metod": known are save, method, path',
  ],
  "a decorator on a field": [
    () => {
      const onField = local as unknown as (value: undefined, context: ClassFieldDecoratorContext) => void;
      @process(API)
      class Sample {
        @onField
        count = 0;
      }
      void Sample;
    },
    "Cannot use @local on Sample.count as it is a field: put it on a method",
  ],
  "@process twice": [
    () => {
      @process(API)
      @process(API)
      class Sample {
        @http
        get(): void {}
      }
      void Sample;
    },
    "Cannot declare Sample as it has @process twice: remove one",
  ],
  "a method that makes an instance a promise": [
    () => {
      @process(API)
      class Sample {
        @local
        then(): void {}
      }
      void Sample;
    },
    'Cannot declare Sample as it has a method "then", so that an instance would be taken for a promise: rename the method',
  ],
  "such a method of a base class": [
    () => {
      class Base {
        then(): void {}
      }
      @process(API)
      class Sample extends Base {}
      void Sample;
    },
    'Cannot declare Sample as it has a method "then", so that an instance would be taken for a promise: rename the method',
  ],
  "two @init methods": [
    () => {
      @process(API)
      class Sample {
        @init
        one(): void {}
        @init
        two(): void {}
      }
      void Sample;
    },
    "Cannot use @init on Sample.two as one has it already: keep one @init method",
  ],
  "two @ws methods": [
    () => {
      @process(API)
      class Sample {
        @ws
        one(): void {}
        @ws
        two(): void {}
      }
      void Sample;
    },
    "Cannot use @ws on Sample.two as one has it already: keep one @ws method",
  ],
  "@init on a handler": [
    () => {
      @process(API)
      class Sample {
        @init @local
        get(): void {}
      }
      void Sample;
    },
    "Cannot use @init on Sample.get as @init cannot be combined with other handlers: make two methods",
  ],
  "a handler on @init": [
    () => {
      @process(API)
      class Sample {
        @local @init
        get(): void {}
      }
      void Sample;
    },
    "Cannot use @local on Sample.get as @init cannot be combined with other handlers: make two methods",
  ],
  "@init on @ws": [
    () => {
      @process(API)
      class Sample {
        @init @ws
        get(): void {}
      }
      void Sample;
    },
    "Cannot use @init on Sample.get as @init cannot be combined with other handlers: make two methods",
  ],
  "a static handler": [
    () => {
      @process(API)
      class Sample {
        @local
        static get(): void {}
      }
      void Sample;
    },
    "Cannot use @local on Sample.get as a handler is a public method of the instance",
  ],
  "a # method": [
    () => {
      @process(API)
      class Sample {
        @local
        #get(): void {}
        use = () => this.#get();
      }
      void Sample;
    },
    "Cannot use @local on Sample.#get as a handler is a public method of the instance",
  ],
};

Deno.test("a declaration that cannot be read is refused with the class or method and the fix", async (test) => {
  for (const [name, [declare, text]] of Object.entries(REFUSED)) {
    await test.step(name, () => {
      assert.throws(declare, (error: Error) => {
        assert.ok(error instanceof DeclarationError, `${error}`);
        assert.equal(error.message, text);
        return true;
      });
    });
  }
});

Deno.test("a path of an endpoint starts with a slash and has no query", () => {
  for (const wrong of ["api", "", "/a b", "/a?x", "/a#x"]) {
    assert.throws(() => Http(wrong), /^TypeError: Cannot bind Http as a path starts with "\/"/);
    assert.throws(() => Ws(wrong), /^TypeError: Cannot bind Ws as a path starts with "\/"/);
  }
  assert.deepEqual(Http("/api/"), { kind: "http", path: "/api" });
  assert.deepEqual(Ws("/"), { kind: "ws", path: "/" });
});

Deno.test("a save policy that counts takes a count above zero", () => {
  for (const wrong of [0, -1, NaN, Infinity]) {
    assert.throws(() => Save.everyNMessages(wrong), RangeError);
    assert.throws(() => Save.everySeconds(wrong), RangeError);
  }
  assert.throws(() => Save.everyNMessages(1.5), /needs a whole number: current value is 1\.5/);
  assert.deepEqual(Save.everySeconds(0.5), { kind: "everySeconds", seconds: 0.5 });
  assert.deepEqual(Save.everyNMessages(3), { kind: "everyNMessages", messages: 3 });
});

Deno.test("decorators on one method add up, and a class without @process has no declaration", () => {
  @process({ ...API, endpoints: [Http("/api"), Ws("/ws")], keyed: true, version: 2 })
  class Sample {
    @init
    start(): void {}
    @ws
    hear(): void {}
    @http({ method: "PUT", path: "/items/:id", save: Save.never })
    @local
    put(): void {}
    @http({ method: "POST" })
    post(): void {}
    helper(): void {}
  }
  const declaration = declarationOf(Sample)!;
  assert.deepEqual([declaration.className, declaration.init, declaration.socket], [
    "Sample",
    "start",
    "hear",
  ]);
  assert.deepEqual(Object.fromEntries(declaration.handlers), {
    put: {
      method: "put",
      transports: new Set(["local", "http"]),
      save: { kind: "never" },
      route: { method: "PUT", path: "/items/:id" },
    },
    post: { method: "post", transports: new Set(["http"]), httpMethod: "POST" },
  });
  class Derived extends Sample {}
  for (const value of [Derived, class {}, {}, null, undefined]) assert.equal(declarationOf(value), undefined);
});
