import { DeclarationError } from "@denizen/macro";
import { DenizenError } from "@denizen/runtime";
import assert from "node:assert/strict";
import { exitCodeOf, explain, permissionHint, UsageError } from "./failure.ts";

Deno.test("failures that the user can fix have a hint and no stack", () => {
  for (const code of ["port_in_use", "data_locked", "data_read_only", "data_corrupt", "disk_full"] as const) {
    const explanation = explain(new DenizenError(code, "Cannot go on as it is so"));
    assert.equal(explanation.code, code);
    assert.equal(explanation.message, "Cannot go on as it is so");
    assert.ok(explanation.hint, `${code} has no hint`);
    assert.equal(explanation.stack, undefined);
    assert.equal(exitCodeOf(explanation), 1);
  }
});

Deno.test("a wrong command line ends with 2", () => {
  const explanation = explain(new UsageError("Cannot run as it is so", "write it otherwise"));
  assert.deepEqual(explanation, {
    code: "usage",
    message: "Cannot run as it is so",
    hint: "write it otherwise",
  });
  assert.equal(exitCodeOf(explanation), 2);
});

Deno.test("a wrong declaration is reported as an error of the app, not as a bug in Denizen", () => {
  const explanation = explain(new DeclarationError("Cannot declare Counter as it is so"));
  assert.deepEqual(explanation, { code: "declaration", message: "Cannot declare Counter as it is so" });
});

Deno.test("unexpected errors keep their stack and ask for a bug report", () => {
  for (
    const thrown of [
      new TypeError("x is not a function"),
      new DenizenError("internal", "Cannot go on"),
      "text",
    ]
  ) {
    const { code, hint, stack } = explain(thrown);
    assert.equal(code, "unexpected");
    assert.match(hint!, /please report it/);
    assert.ok(stack);
  }
});

Deno.test("a denied permission is found in the chain of causes, and the hint shows how to declare it", () => {
  const cases: [string, string | undefined][] = [
    [
      'Requires net access to "example.com:80", run again with the --allow-net flag',
      '"net": ["example.com:80"]',
    ],
    ['Requires env access to "HOME", run again with the --allow-env flag', '"env": ["HOME"]'],
    ["Requires ffi access, run again with the --allow-ffi flag", '"ffi": true'],
    ["Requires read access to <CWD>, run again with the --allow-read flag", '"read": true'],
    ["Requires a ticket", undefined],
  ];
  for (const [message, declaration] of cases) {
    const hint = permissionHint(new DenizenError("failed", "Cannot answer", { cause: new Error(message) }));
    if (declaration === undefined) assert.equal(hint, undefined);
    else assert.ok(hint?.includes(`"permissions": { ${declaration} }`), hint);
  }
});
