import assert from "node:assert/strict";
import { denizen, Folder, post, processModule, Serving } from "../_command_line.ts";
import type { App } from "./app_config.ts";
import { ExplainedError } from "../terminal/failure.ts";
import { permissionsOf } from "./permissions.ts";
import type { PackRequest } from "@denizen/runtime";

const PLACE = {
  hostname: "127.0.0.1",
  port: 8080,
  data: "/data",
  installation: ["/denizen/runtime"],
  packs: [],
  packCache: "/data/packs",
};

function app(root: string, permissions?: unknown): App {
  const denizen = permissions === undefined ? undefined : { permissions };
  const config = {
    file: `${root}/deno.json`,
    folder: root,
    imports: {},
    scopes: {},
    compilerOptions: {},
    denizen,
  };
  return { file: `${root}/app.ts`, root, configs: [config] };
}

Deno.test("a node may listen on its port, read its apps, and read and write its data, nothing else", () => {
  const { env, ...others } = permissionsOf([app("/a"), app("/b")], PLACE);
  assert.deepEqual(others, {
    read: { allow: ["/a", "/b", "/denizen/runtime", "/data"] },
    write: { allow: ["/data"] },
    net: { allow: ["127.0.0.1:8080"] },
  });
  assert.equal(env?.allow, undefined);
});

Deno.test("a node without a data folder may write nothing", () => {
  const { write } = permissionsOf([app("/a")], { ...PLACE, data: ":memory:" });
  assert.equal(write?.allow, undefined);
});

Deno.test("a node with its data on a KV server may reach it with its token, and writes no folder", () => {
  for (
    const [data, host] of [
      ["https://kv.example.com/db", "kv.example.com:443"],
      ["http://127.0.0.1:4512", "127.0.0.1:4512"],
      ["http://[::1]", "[::1]:80"],
    ] as const
  ) {
    const { net, env, read, write } = permissionsOf([app("/a")], { ...PLACE, data });
    assert.deepEqual(net?.allow, ["127.0.0.1:8080", host]);
    assert.deepEqual(env?.allow, ["DENO_KV_ACCESS_TOKEN"]);
    assert.equal(write?.allow, undefined);
    assert.ok(Array.isArray(read?.allow) && !read.allow.includes(data));
  }
});

Deno.test("a node may open libraries and start processes only if an app allows native code", () => {
  const of = (...packs: PackRequest[]) => permissionsOf([app("/a")], { ...PLACE, packs });
  const wasm = of({ path: "/p/text.pack", trusted: true }, { path: "/p/h.pack", native: true, mode: "wasm" });
  assert.deepEqual(wasm.read?.allow, ["/a", "/denizen/runtime", "/data", "/p/text.pack", "/p/h.pack"]);
  assert.deepEqual([wasm.ffi, wasm.run], [undefined, undefined]);
  const native = of({ path: "/p/h.pack", native: true, trusted: true });
  assert.deepEqual([native.ffi?.allow, native.run], [true, undefined]);
  const isolated = of({ path: "/p/h.pack", native: true });
  assert.deepEqual(isolated.run?.allow, [Deno.execPath()]);
});

Deno.test("declared permissions are merged, with paths relative to each deno.json", () => {
  const set = permissionsOf([
    app("/a", { read: ["./templates"], net: ["api.example.com:443"], env: ["HOME", "CI"] }),
    app("/b", { read: { allow: ["/etc/hosts"], deny: ["./secret"] }, net: true, run: ["git", "./tool"] }),
  ], { ...PLACE, hostname: "::1" });
  assert.deepEqual(set.read?.allow, ["/a", "/b", "/denizen/runtime", "/data", "/a/templates", "/etc/hosts"]);
  assert.deepEqual(set.read?.deny, ["/b/secret"]);
  assert.equal(set.net?.allow, true);
  assert.deepEqual(set.run?.allow, ["git", "/b/tool"]);
  assert.deepEqual(set.env?.allow, ["HOME", "CI"]);
  assert.ok(Array.isArray(set.env?.ignore) && !set.env.ignore.includes("CI"));
});

Deno.test("a wrong declaration of permissions is reported with its file", () => {
  const cases: [unknown, RegExp][] = [
    [["net"], /it is not an object/],
    [{ network: true }, /there is no such permission: "network" is none of read, write, /],
    [{ net: "api.example.com" }, /"net" must be true, false or a list of strings: "api.example.com"/],
    [{ net: { permit: true } }, /"net" may have only allow, deny and ignore: "permit"/],
    [{ read: [""] }, /"read" must be/],
  ];
  for (const [permissions, message] of cases) {
    assert.throws(() => permissionsOf([app("/a", permissions)], PLACE), (thrown: Error) => {
      assert.ok(thrown instanceof ExplainedError);
      assert.match(thrown.message, /^Cannot use "denizen.permissions" of \/a\/deno.json as /);
      assert.match(thrown.message, message);
      return true;
    });
  }
});

const NOSY = processModule(
  "Nosy",
  `@http read(): string { return Deno.readTextFileSync("/etc/passwd"); }
  @http async fetch(url: string): Promise<string> { return await (await fetch(url)).text(); }
  @http write(): void { Deno.writeTextFileSync(new URL("./made", import.meta.url), ""); }
  @http run(): void { new Deno.Command("true").outputSync(); }
  @http home(): string { return Deno.env.get("HOME") ?? ""; }
  @http mode(): string { return String(Deno.env.get("NODE_ENV")); }`,
);

async function withServer<T>(use: (host: string) => Promise<T>): Promise<T> {
  await using server = Deno.serve(
    { port: 0, hostname: "127.0.0.1", onListen: () => {} },
    () => new Response("hello"),
  );
  return await use(`127.0.0.1:${server.addr.port}`);
}

Deno.test("an app that declares no permissions cannot access the rest of the machine", async () => {
  await using folder = await Folder.with({ "deno.json": "{}", "nosy.ts": NOSY });
  await using node = new Serving(["run", "nosy.ts"], { cwd: folder.path });
  const { processes } = await node.ready();
  const url = processes[0]!.urls[0]!;
  await withServer(async (host) => {
    for (const body of ["Read", { Fetch: `http://${host}/` }, "Write", "Run", "Home"]) {
      const answer = JSON.stringify(await post(url, body));
      assert.match(answer, /"code":"failed"/, JSON.stringify(body));
    }
  });
  for (const access of ["read", "net", "write", "run", "env"]) {
    await node.error(new RegExp(`Requires ${access} access`));
  }
  assert.equal(
    await post(url, "Mode"),
    "undefined",
    "environment variables that libraries read when they load are unset",
  );
});

Deno.test("an app gets the permissions that it declares and no others", async () => {
  await withServer(async (host) => {
    await using folder = await Folder.with({
      "deno.json": JSON.stringify({
        denizen: { permissions: { net: [host], env: ["HOME"], write: ["./made"] } },
      }),
      "nosy.ts": NOSY,
    });
    await using node = new Serving(["run", "nosy.ts"], { cwd: folder.path });
    const { processes } = await node.ready();
    const url = processes[0]!.urls[0]!;
    assert.equal(await post(url, { Fetch: `http://${host}/` }), "hello");
    assert.equal(await post(url, "Home"), Deno.env.get("HOME"));
    assert.equal(await post(url, "Write"), null);
    assert.match(JSON.stringify(await post(url, "Read")), /"code":"failed"/);
  });
});

Deno.test("a permission that is denied while an app loads is named in the hint", async () => {
  const module = `${NOSY}\nDeno.readTextFileSync("/etc/passwd");`;
  await using folder = await Folder.with({ "deno.json": "{}", "nosy.ts": module });
  const { code, err } = await denizen(["run", "nosy.ts", "--port", "0"], { cwd: folder.path });
  assert.equal(code, 1);
  assert.match(err, /hint: if the app needs it, declare it in its deno.json: .*"read": \["\/etc\/passwd"\]/);
});
