/** What the decorators refuse while a class is declared, and what they record. */
import assert from "node:assert/strict";
import { Http, Ws } from "./bindings.ts";
import { DeclarationError, declarationOf, type HttpOptions, type ProcessOptions } from "./declaration.ts";
import { http, init, local, process, ws } from "./decorators.ts";
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
  "no handlers": [
    () => {
      @process({ name: "Sample" })
      class Sample {}
      void Sample;
    },
    "Cannot declare Sample as no message can reach it: give at least one method @http, @local, @ws or @init",
  ],
  "two endpoints on one path": [
    () => declareWith({ ...API, endpoints: [Http("/api"), Http("/api/")] }),
    'Cannot declare Sample as two endpoints have one path: "/api"',
  ],
  "a socket method without an endpoint": [
    () => {
      @process(API)
      class Sample {
        @ws
        hear(): void {}
      }
      void Sample;
    },
    'Cannot declare Sample as @ws hear has no WebSocket endpoint: add Ws("/ws") to "endpoints"',
  ],
  "a socket endpoint without a method": [
    () => declareWith({ ...API, endpoints: [Http("/api"), Ws("/ws")] }),
    'Cannot declare Sample as a WebSocket endpoint has no @ws method: add one, or take Ws(…) from "endpoints"',
  ],
  "an HTTP handler without an endpoint": [
    () => declareWith({ name: "Sample" }),
    'Cannot declare Sample as @http get has no endpoint: add Http("/api") to "endpoints", or give it a path',
  ],
  "a handler that is called by tag with a method that carries none": [
    () => routeWith({ method: "GET" }),
    "Cannot declare Sample as @http get answers GET, which carries no tag: give it a path too",
  ],
  "a route on an endpoint's path": [
    () => routeWith({ method: "POST", path: "/api" }),
    "Cannot declare Sample as POST /api of get is an endpoint's path too",
  ],
  "a version below 1": [
    () => declareWith({ ...API, version: 0 }),
    'Cannot declare Sample as "version" counts from 1: current value is 0',
  ],
  "a migration to nowhere": [
    () => declareWith({ ...API, version: 2, migrations: { 2: (old: unknown) => old } }),
    'Cannot declare Sample as a migration from version 2 leads nowhere: "version" is 2',
  ],
  "passivation after nothing": [
    () => declareWith({ ...API, keyed: true, passivateAfter: 0 }),
    'Cannot declare Sample as "passivateAfter" is a number of seconds above zero: current value is 0',
  ],
  "passivation of the one process": [
    () => declareWith({ ...API, passivateAfter: 5 }),
    'Cannot declare Sample as "passivateAfter" is for keyed processes: add keyed: true, or take it out',
  ],
  "an unknown option of a handler": [
    () => routeWith({ metod: "GET" }),
    'Cannot use @http on Sample.get as it has no option "metod": known are save, method, path',
  ],
  "an unknown HTTP method": [
    () => routeWith({ method: "FETCH" }),
    'Cannot use @http on Sample.get as "FETCH" is no HTTP method: known are GET, POST, PUT, PATCH, DELETE, HEAD, OPTIONS',
  ],
  "a route without a slash": [
    () => routeWith({ path: "items" }),
    'Cannot use @http on Sample.get as a path starts with "/": current value is "items"',
  ],
  "two handlers on one route": [
    () => {
      @process(API)
      class Sample {
        @http({ path: "/items" })
        get(): void {}
        @http({ method: "GET", path: "/items" })
        list(): void {}
      }
      void Sample;
    },
    "Cannot use @http on Sample.list as get already answers GET /items: change one of the two",
  ],
  "two paths of one method": [
    () => {
      @process(API)
      class Sample {
        @http({ path: "/a" })
        @http({ path: "/b" })
        get(): void {}
      }
      void Sample;
    },
    "Cannot use @http on Sample.get as it has two methods or paths: make two methods of the class",
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
    "Cannot declare Sample as it has @process twice: take one away",
  ],
  "two save policies on one method": [
    () => {
      @process(API)
      class Sample {
        @http({ save: Save.never })
        @local({ save: Save.onDiff })
        get(): void {}
      }
      void Sample;
    },
    'Cannot use @http on Sample.get as it has two save policies: give "save" once',
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

Deno.test("a declaration that contradicts itself is refused with the class or method and the fix", async (test) => {
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

Deno.test("decorators on one method add up, and a class that is no process has no declaration", () => {
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
