/**
 * What the node and a pack beyond its thread say to each other. Every message is a frame (`pack_sdk/ABI.md`, section 5), so that
 * values cross as they would into the pack, and bytes without being encoded. One request is answered before the next one is sent.
 */
import {
  FrameMemory,
  type PackDescription,
  PackFault,
  type PackFaultCode,
  type Ports,
  readFrame,
  writeFrame,
} from "@denizen/pack-sdk";

/** What the other side opens. */
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

export interface Fault {
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
  const memory = new FrameMemory(new Uint8Array(FIRST_FRAME_SIZE));
  const grow = (size: number) => void (memory.bytes = new Uint8Array(size));
  const length = writeFrame(memory, grow, message);
  return memory.bytes.subarray(0, length) as Uint8Array<ArrayBuffer>;
}

/** Attachments are views over `bytes`, which start at a multiple of 8 of their buffer. */
export function decodeMessage<T extends Request | Reply>(bytes: Uint8Array): T {
  return readFrame(new FrameMemory(bytes), bytes.length, true) as T;
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
