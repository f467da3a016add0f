/** Maps faults of a pack to the codes of the error table. */
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

/** The pack's own text, shortened: it goes into logs and to clients. */
function bounded(text: string): string {
  if (text.length <= PACK_ERROR_CHARACTERS_MAX) return text;
  return `${text.slice(0, PACK_ERROR_CHARACTERS_MAX)}… (${text.length} characters)`;
}

/** Names the pack; a `DenizenError` is returned unchanged. */
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

/** The same while the pack is loading, when a wrong reply makes the whole pack invalid, not one call. */
export function loadError(thrown: unknown, pack: string): DenizenError {
  const isAnswer = thrown instanceof PackFault && (thrown.code === "result" || thrown.code === "tick");
  if (!isAnswer) return packError(thrown, pack);
  return new DenizenError("pack_invalid", bounded(thrown.message), { cause: thrown, data: { pack } });
}

/** Faults after which the instance cannot be used; the pack's other instances can. */
export function endsInstance(thrown: unknown): boolean {
  return thrown instanceof PackFault && thrown.code === "tick" && thrown.status === PANIC;
}
