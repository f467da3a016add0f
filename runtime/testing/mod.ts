/**
 * What tests of processes and of storage stand on: time that moves on demand, a network without ports,
 * storage that fails on demand, and the tests that every storage passes.
 *
 * @module
 */

export { settle, VirtualClock, type VirtualClockOptions } from "./virtual_clock.ts";
export { MemoryDisk } from "./memory_disk.ts";
export { MemoryNetwork } from "./memory_network.ts";
export {
  type CommitFault,
  FaultyStorage,
  type FaultyStorageOptions,
  type RecordedCommit,
} from "./faulty_storage.ts";
export { storageConformance, type StorageUnderTest } from "./storage_conformance.ts";
export { type Hosted, TestNode, type TestNodeOptions } from "./test_node.ts";
