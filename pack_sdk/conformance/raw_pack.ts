/** A pack as its symbols are, without anybody in between who gets things right. */
import type { CarrierKind } from "../build/pack_file.ts";

/** What a tick answered. `out` is a copy of what stands in the host's memory after it. */
export interface RawResult {
  readonly status: number;
  readonly out: Uint8Array;
}

export interface Registration {
  readonly status: number;
  readonly ids: readonly string[];
}

/** The host's side of one registration: what it answers to the n-th template. */
export type Answer = (id: string, factory: number) => number;

export interface RawPack {
  readonly kind: CarrierKind;
  abi(): number;
  features(): number;
  describe(): { readonly status: number; readonly text: Uint8Array };
  /** With `null`, without a host, which only a native pack can notice. */
  register(answer: Answer | null): Registration;
  alloc(size: number): number;
  free(at: number, size: number): void;
  fill(at: number, size: number, byte: number): void;
  /** Whether every byte still is that one. */
  holds(at: number, size: number, byte: number): boolean;
  create(factory: number): number;
  destroy(instance: number): void;
  /** Throws if the pack wrote beyond `capacity`. `misaligned` moves the frame off its multiple of 8. */
  tick(instance: number, frame: Uint8Array, capacity: number, misaligned?: boolean): RawResult;
  /** With attachments outside of the frame; only natively, with the feature "spans". */
  tickSpans(instance: number, frame: Uint8Array, spans: readonly Uint8Array[], capacity: number): RawResult;
  /** On another thread; only natively. */
  tickAsync(instance: number, frame: Uint8Array, capacity: number): Promise<RawResult>;
  take(instance: number, capacity: number): RawResult;
  run(instance: number, payload: Uint8Array): RawResult;
  live(): number;
  /** Of the module; 0 natively, where nobody knows. */
  memoryBytes(): number;
  shutdown(): void;
  /** Unloads it. */
  close(): void;
}

/** Stands behind the host's memory, and must still stand there after a tick. */
export const GUARD_BYTES = 64;
export const GUARD_BYTE = 0xa5;

export function checkGuard(bytes: Uint8Array, capacity: number): void {
  if (bytes.subarray(capacity, capacity + GUARD_BYTES).some((byte) => byte !== GUARD_BYTE)) {
    throw new Error(`The pack wrote beyond out_cap: ${capacity} bytes`);
  }
}
