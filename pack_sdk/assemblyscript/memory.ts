/**
 * Memory that passes between the host and the pack. It is not garbage-collected; what is not freed is
 * counted.
 */

let live: u32 = 0;

export function alloc(size: usize): usize {
  if (size == 0 || size > 1 << 30) return 0;
  live++;
  return heap.alloc(size);
}

export function free(at: usize): void {
  if (at == 0) return;
  live--;
  heap.free(at);
}

export function liveAllocations(): u32 {
  return live;
}

/** Counts an instance, which is not in memory of this kind. */
export function countLive(change: i32): void {
  live += change;
}

/** The compiler calls this instead of throwing an exception, which nothing could catch. */
export function trap(_message: usize, _file: usize, _line: u32, _column: u32): void {
  unreachable();
}
