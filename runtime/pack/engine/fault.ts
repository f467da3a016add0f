/** What goes wrong in a pack, in the terms of the error table. */
import { PackFault, type PackFaultCode } from "@denizen/pack-sdk";
import { DenizenError, type ErrorCode, messageOf } from "../../errors.ts";
import { PACK_ERROR_CHARACTERS_MAX } from "../../limits.ts";

const CODES: Record<PackFaultCode, ErrorCode> = {
  not_a_pack: "pack_unreadable",
  abi: "pack_incompatible",
  metadata: "pack_invalid",
  register: "pack_invalid",
  instance: "pack_failed",
  payload: "invalid_argument",
  tick: "pack_failed",
  result: "pack_reply_invalid",
  trap: "pack_trapped",
  closed: "pack_closed",
};

export function isFaultCode(code: unknown): code is PackFaultCode {
  return typeof code === "string" && Object.hasOwn(CODES, code);
}

const NO_MEMORY = -6;
const PANIC = -99;

/** The pack's own words, but not without end: they go into logs and to clients. */
function bounded(text: string): string {
  if (text.length <= PACK_ERROR_CHARACTERS_MAX) return text;
  return `${text.slice(0, PACK_ERROR_CHARACTERS_MAX)}… (${text.length} characters)`;
}

/** Says which pack it was; an error that is ours already stays as it is. */
export function packError(thrown: unknown, pack: string): DenizenError {
  if (thrown instanceof DenizenError) return thrown;
  if (thrown instanceof Deno.errors.NotCapable) {
    return new DenizenError("pack_denied", `Cannot use the pack as it is not permitted: ${thrown.message}`, {
      cause: thrown,
      data: { pack },
    });
  }
  if (!(thrown instanceof PackFault)) {
    return new DenizenError("pack_failed", `Cannot use the pack as it threw: ${messageOf(thrown)}`, {
      cause: thrown,
      data: { pack },
    });
  }
  const { status } = thrown;
  const code = thrown.code === "tick" && status === NO_MEMORY ? "pack_out_of_memory" : CODES[thrown.code];
  const data = status === 0 ? { pack } : { pack, status };
  return new DenizenError(code, bounded(thrown.message), { cause: thrown, data });
}

/** The same while the pack is loaded: an answer that is wrong is the pack's then, and not one call's. */
export function loadError(thrown: unknown, pack: string): DenizenError {
  const isAnswer = thrown instanceof PackFault && (thrown.code === "result" || thrown.code === "tick");
  if (!isAnswer) return packError(thrown, pack);
  return new DenizenError("pack_invalid", bounded(thrown.message), { cause: thrown, data: { pack } });
}

/** After these the instance is not to be used any more; the others of the pack go on. */
export function endsInstance(thrown: unknown): boolean {
  return thrown instanceof PackFault && thrown.code === "tick" && thrown.status === PANIC;
}
