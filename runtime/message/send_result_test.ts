import assert from "node:assert/strict";
import { DenizenError, ERROR_CODES, type ErrorCode } from "../errors.ts";
import { failure, type SendResult, unwrap } from "./send_result.ts";

Deno.test("unwrap gives the value of a success, and throws anything else as it is", () => {
  assert.equal(unwrap({ status: "Success", value: 5 } as SendResult<number>), 5);
  assert.equal(unwrap({ status: "Success", value: undefined } as SendResult<void>), undefined);
  const error = new DenizenError("timeout", "Cannot wait");
  assert.throws(() => unwrap(failure(error)), (thrown) => thrown === error);
});

Deno.test("every code has a status that callers can tell apart", () => {
  const expected: Partial<Record<ErrorCode, string>> = {
    timeout: "Timeout",
    offline: "Offline",
    reply_invalid: "DeserializationError",
    invalid_argument: "BuildError",
    malformed: "BuildError",
    bad_address: "BuildError",
    refused: "Refused",
    unknown_process: "Refused",
    unknown_handler: "Refused",
    wrong_transport: "Refused",
    mailbox_full: "Refused",
    overloaded: "Refused",
    deadlock: "Refused",
    draining: "Refused",
    call_chain_too_long: "Refused",
    failed: "Failed",
    storage: "Failed",
    disk_full: "Failed",
    state_unreadable: "Failed",
    state_invalid: "Failed",
    state_too_large: "Failed",
    internal: "Failed",
  };
  for (const [code, status] of Object.entries(expected)) {
    assert.equal(failure(new DenizenError(code as ErrorCode, "Cannot")).status, status, code);
  }
  const statuses = Object.keys(ERROR_CODES).map((code) =>
    failure(new DenizenError(code as ErrorCode, "Cannot")).status
  );
  assert.ok(!statuses.includes("Success" as never));
});
