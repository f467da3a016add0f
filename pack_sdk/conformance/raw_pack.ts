/** Direct access to the symbols of a pack, without a carrier that would prevent mistakes. */
import type { CarrierKind } from "../build/pack_file.ts";

/** The result of a tick. `out` is a copy of the host's memory after it. */
export interface RawResult {
  readonly status: number;
  readonly out: Uint8Array;
}

export interface Registration {
  readonly status: number;
  readonly ids: readonly string[];
}

/** The host's side of one registration: its status for the n-th template. */
export type Answer = (id: string, factory: number) => number;

export interface RawPack {
  readonly kind: CarrierKind;
  abi(): number;
  features(): number;
  describe(): { readonly status: number; readonly text: Uint8Array };
  /** With `null`, without a host, which only a native pack can detect. */
  register(answer: Answer | null): Registration;
  alloc(size: number): number;
  free(at: number, size: number): void;
  fill(at: number, size: number, byte: number): void;
  /** Whether every byte still has that value. */
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
  /** The module's memory; 0 for a native pack, where it is unknown. */
  memoryBytes(): number;
  shutdown(): void;
  /** Unloads it. */
  close(): void;
}

/** The guard after the host's memory, which a tick must not change. */
export const GUARD_BYTES = 64;
export const GUARD_BYTE = 0xa5;

export function checkGuard(bytes: Uint8Array, capacity: number): void {
  if (bytes.subarray(capacity, capacity + GUARD_BYTES).some((byte) => byte !== GUARD_BYTE)) {
    throw new Error(`The pack wrote beyond out_cap: ${capacity} bytes`);
  }
}
