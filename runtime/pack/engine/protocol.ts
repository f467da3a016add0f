/**
 * The messages between the node and a pack off its thread. Each is a frame (`pack_sdk/ABI.md`, section 5), so
 * that values cross as they would into the pack, and bytes are not encoded. One request is answered before
 * the next one is sent.
 */
import {
  FrameMemory,
  JsonChecker,
  type PackDescription,
  PackFault,
  type PackFaultCode,
  parseTemplates,
  type Ports,
  readFrame,
  writeFrame,
} from "@denizen/pack-sdk";
import { isFaultCode } from "./fault.ts";
import { restoreWideIntegers, withoutWideIntegers } from "./wide_integers.ts";

/** What a request to open names. */
export type PackSource =
  | { readonly carrier: "native"; readonly path: string }
  | { readonly carrier: "wasm"; readonly module: Uint8Array };

export type Request =
  | { readonly op: "open"; readonly source: PackSource }
  | { readonly op: "create"; readonly factory: number }
  | { readonly op: "destroy"; readonly instance: number }
  | {
    readonly op: "tick";
    readonly instance: number;
    readonly input: Ports;
    /** JSON text. */
    readonly config: string;
    readonly blocking: boolean;
  };

interface Fault {
  readonly code: PackFaultCode;
  readonly message: string;
  readonly status: number;
}

export type Reply = {
  readonly description?: PackDescription;
  readonly instance?: number;
  readonly output?: Ports;
  readonly fault?: Fault;
  readonly memoryBytes: number;
};

const FIRST_FRAME_SIZE = 1024;

export function encodeMessage(message: Request | Reply): Uint8Array<ArrayBuffer> {
  try {
    return encodeFrame(message);
  } catch (thrown) {
    // Searched only after a failure: few messages have one.
    const { value, found } = withoutWideIntegers(message);
    if (found.length === 0) throw thrown;
    return encodeFrame({ ...value as object, integers: found });
  }
}

function encodeFrame(message: object): Uint8Array<ArrayBuffer> {
  const memory = new FrameMemory(new Uint8Array(FIRST_FRAME_SIZE));
  const grow = (size: number) => void (memory.bytes = new Uint8Array(size));
  const length = writeFrame(memory, grow, message);
  return memory.bytes.subarray(0, length) as Uint8Array<ArrayBuffer>;
}

/** Attachments are views over `bytes`, which start at a multiple of 8 of their buffer. */
function decode(bytes: Uint8Array): unknown {
  const message = readFrame(new FrameMemory(bytes), bytes.length, true);
  const integers = (message as { readonly integers?: unknown } | null)?.integers;
  if (integers !== undefined) restoreWideIntegers(message, integers);
  return message;
}

/** A request comes from the node, so it is not checked. */
export function decodeRequest(bytes: Uint8Array): Request {
  return decode(bytes) as Request;
}

/**
 * A reply is checked, as native code can write anything to the descriptor that replies come from.
 *
 * @throws {PackFault} `result` or `metadata` for a malformed reply.
 */
export function decodeReply(bytes: Uint8Array): Reply {
  const reply = check.object(decode(bytes), "it");
  const { description, instance, output, fault, memoryBytes } = reply;
  if (!isCount(memoryBytes)) check.refuse("its memory is not a number of bytes");
  return {
    memoryBytes,
    ...description !== undefined && { description: checkedDescription(description) },
    ...instance !== undefined && { instance: checkedInstance(instance) },
    ...output !== undefined && { output: check.object(output, "its output") as Ports },
    ...fault !== undefined && { fault: checkedFault(fault) },
  };
}

const check: JsonChecker = new JsonChecker((reason) =>
  new PackFault("result", `Cannot read the reply as ${reason}`)
);

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && value as number >= 0;
}

function checkedInstance(value: unknown): number {
  if (isCount(value) && value > 0 && value < 2 ** 32) return value;
  return check.refuse("its instance is not the number of an instance");
}

function checkedDescription(value: unknown): PackDescription {
  const { name, version, templates } = check.object(value, "its description");
  if (typeof name !== "string" || typeof version !== "string") check.refuse("its description has no name");
  return { name, version, templates: parseTemplates(templates) };
}

function checkedFault(value: unknown): Fault {
  const { code, message, status } = check.object(value, "its fault");
  const right = typeof message === "string" && Number.isSafeInteger(status) && isFaultCode(code);
  if (!right) check.refuse("its fault is malformed");
  return { code, message, status: status as number };
}

export function faultOf(thrown: unknown): Fault {
  if (thrown instanceof PackFault) {
    return { code: thrown.code, message: thrown.message, status: thrown.status };
  }
  return { code: "tick", message: thrown instanceof Error ? thrown.message : String(thrown), status: 0 };
}

export function thrownFault({ code, message, status }: Fault): PackFault {
  return new PackFault(code, message, status);
}
