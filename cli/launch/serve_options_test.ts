import assert from "node:assert/strict";
import { readServeOptions, SERVE_OPTIONS, serveOptions } from "./serve_options.ts";

Deno.test("the help of a compiled program shows its own defaults", () => {
  const { host, port, data, name, origins, log } = serveOptions({
    ...{ host: "0.0.0.0", port: "9303", data: ":memory:", origins: "https://a.example", log: "json" },
  });
  assert.equal(host.help, "the address to listen on (default 0.0.0.0)");
  assert.equal(port.help, "the port to listen on (default 9303; 0 takes any free one)");
  assert.match(data.help, /\(default :memory:\)$/);
  assert.equal(name.help, SERVE_OPTIONS.name.help);
  assert.match(origins.help, /\(default: https:\/\/a\.example\)$/);
  assert.match(log.help, /\(default json\)$/);
});

Deno.test("host names are read from a list, and there are none by default", () => {
  const given = {
    host: undefined,
    port: undefined,
    data: undefined,
    name: undefined,
    origins: undefined,
    log: undefined,
  };
  assert.deepEqual(readServeOptions({ ...given, hosts: "a.example, *.b.example," }).hosts, [
    "a.example",
    "*.b.example",
  ]);
  assert.deepEqual(readServeOptions({ ...given, hosts: undefined }).hosts, []);
});
