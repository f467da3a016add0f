/** Every bound and default of the runtime, with its unit. Reaching one is an error that names it. */

// Messages.
/** Messages that wait for one process; the next one gets `mailbox_full`. */
export const MAILBOX_MESSAGES_MAX = 10_000;
/** HTTP requests a node works on at once; the next one gets `overloaded`. */
export const HTTP_IN_FLIGHT_MAX = 100_000;
/** The default deadline of a request. */
export const DEADLINE_DEFAULT_MS = 30_000;
export const DEADLINE_MAX_MS = 24 * 60 * 60 * 1000;
/** The resolution of deadlines: each fires at most this late. */
export const DEADLINE_GRAIN_MS = 10;
/** How deep calls between processes may nest. */
export const CALL_CHAIN_MAX = 100;
/** The `Retry-After` header of replies from an overloaded process or node. */
export const RETRY_AFTER_S = 1;

// HTTP and WebSockets.
export const BODY_BYTES_MAX = 8 * 1024 * 1024;
export const SOCKETS_PER_NODE_MAX = 50_000;
export const SOCKET_MESSAGE_BYTES_MAX = 1024 * 1024;
/** Bytes a slow WebSocket may leave unread before it is closed. */
export const SOCKET_BACKLOG_BYTES_MAX = 8 * 1024 * 1024;
/** The longest close reason that the WebSocket protocol allows. */
export const SOCKET_REASON_BYTES_MAX = 123;
/**
 * Between the answer to a WebSocket's handshake and its opening; a client that has left meanwhile counts that
 * long.
 */
export const SOCKET_OPEN_MS = 5_000;
/** A client that has been silent for so long is asked for a sign of life. */
export const SOCKET_IDLE_MS = 30_000;
/** How long a draining node waits for clients to confirm that their WebSocket is closed. */
export const SOCKET_CLOSE_MS = 1_000;

// State.
export const STATE_BYTES_MAX = 64 * 1024 * 1024;
/** A warning is logged at this size, and at every doubling. */
export const STATE_WARN_BYTES = 8 * 1024 * 1024;
/** When a save that no message waits for is tried again, after the store was too far behind to take it. */
export const SAVE_RETRY_MS = 1_000;
export const KEY_BYTES_MAX = 512;
export const PASSIVATE_AFTER_DEFAULT_S = 300;
/** The interval of the search for idle processes: each leaves memory at most this late. */
export const PASSIVATION_SWEEP_MS = 5_000;
/** Processes in memory at once; the next new one gets `overloaded`. */
export const ACTIVE_PROCESSES_MAX = 1_000_000;

// Restarts.
export const RESTART_BACKOFF_MIN_MS = 1_000;
export const RESTART_BACKOFF_MAX_MS = 10 * 60 * 1000;
/** After running this long without a crash, a process restarts with the shortest backoff again. */
export const RESTART_HEALTHY_MS = 60_000;

// Commits.
/** Writes that wait for the disk, over all processes; the next one gets `overloaded`. */
export const COMMIT_BACKLOG_MAX = 100_000;
/** Keys and values that wait for the disk, text as UTF-8. One write may be larger if nothing else waits. */
export const COMMIT_BACKLOG_BYTES_MAX = 256 * 1024 * 1024;
/** Writes the queue puts into one commit. Small enough for one KV transaction. */
export const COMMIT_BATCH_WRITES_MAX = 500;
/** Keys and values the queue puts into one commit, text as UTF-8. One group of writes may be larger. */
export const COMMIT_BATCH_BYTES_MAX = 256 * 1024;
/**
 * How long a node may answer after the last commit or renewal that succeeded, on a store that other machines
 * can reach.
 */
export const FENCE_LEASE_MS = 4_000;
/** How long another node must see the lease unrenewed before it takes the store over. */
export const FENCE_TAKE_OVER_MS = 5_000;
/** After this long without a commit the lease is renewed by an empty one. */
export const FENCE_RENEW_MS = 1_000;
/** How often the store is asked what became of a commit while it does not answer. */
export const FENCE_RETRY_MS = 250;
/** A commit that takes longer makes the node unready. */
export const READY_COMMIT_MS = 5_000;
/** So many writes that wait make the node unready, before any is refused. */
export const READY_BACKLOG_MAX = COMMIT_BACKLOG_MAX / 2;
/** A failed commit makes the node unready for so long; then requests show whether the store is well again. */
export const READY_FAILURE_MS = 10_000;
/** Ranges of lost positions that the queue keeps; older ones are merged. */
export const COMMIT_LOST_RANGES_MAX = 100;
/**
 * The size of a storage key: its parts in UTF-8 and two more bytes for each. Deno KV refuses keys of 2,048
 * bytes.
 */
export const STORAGE_KEY_BYTES_MAX = 2_000;
/**
 * Version checks in one commit, on every store: `KV_REMOTE_CHECKS_MAX` less one for a redo record and one for
 * its value.
 */
export const COMMIT_CHECKS_MAX = 8;
/** Deno KV refuses a value above this. */
export const KV_VALUE_BYTES_MAX = 65_536;
/**
 * Deno KV refuses a transaction above 819,200 bytes of keys and values. This leaves room for its own
 * overhead.
 */
export const KV_COMMIT_BYTES_MAX = 700 * 1024;
/** Deno KV refuses a transaction with more writes. */
export const KV_COMMIT_WRITES_MAX = 1_000;
/** Deno KV refuses a transaction on a file with more version checks. */
export const KV_FILE_CHECKS_MAX = 100;
/** A KV server refuses a transaction with more version checks. */
export const KV_REMOTE_CHECKS_MAX = 10;
/** Entries that a list reads from KV at once. */
export const KV_LIST_PAGE_MAX = 100;
/** Deno KV refuses to read more keys at once. */
export const KV_READ_KEYS_MAX = 10;
/** The largest size of a chunked value's pointer and record in a transaction, without their keys. */
export const KV_POINTER_BYTES_MAX = 512;
/** How often a KV commit that lost a race with another writer is retried before it fails with `storage`. */
export const KV_COMMIT_ATTEMPTS_MAX = 10;
/**
 * After a node was killed, a database file up to this size is checked whole before it is used: 0.4 ms per MiB
 * when it is in the machine's memory. Damage in a larger file is found when it is read.
 */
export const KV_CHECK_BYTES_MAX = 256 * 1024 * 1024;

// Packs.
/** Bytes of a pack's file or bundle. */
export const PACK_FILE_BYTES_MAX = 256 * 1024 * 1024;
export const PACK_BUNDLE_ENTRIES_MAX = 1_000;
/** Bytes of all files of a bundle, unpacked. */
export const PACK_UNPACKED_BYTES_MAX = 1024 * 1024 * 1024;
export const PACK_MANIFEST_BYTES_MAX = 4 * 1024 * 1024;
/** How long a pack off the node's own thread may take to load. */
export const PACK_LOAD_MS_MAX = 10_000;
/** The default time limit of one call of an untrusted pack. */
export const PACK_CALL_MS_DEFAULT = 30_000;
/** Loop iterations and other steps after which a module in a worker checks whether it must stop. */
export const PACK_STEPS_UNTIL_GUARD = 100_000;
/** Default memory limit of a WebAssembly pack. */
export const PACK_MEMORY_BYTES_DEFAULT = 256 * 1024 * 1024;
/** Table entries of one module, each about 8 bytes outside its memory. */
export const PACK_TABLE_ENTRIES_MAX = 1_000_000;
/** Calls that wait for one worker or child process; the next one gets `overloaded`. */
export const PACK_CALLS_WAITING_MAX = 10_000;
/** How often a call is started that never began because the engine ended first. */
export const PACK_CALL_STARTS_MAX = 10;
/**
 * Instances of templates that one process holds through `ctx.packs`; beyond it the least recently used idle
 * one ends.
 */
export const PACK_INSTANCES_PER_PROCESS_MAX = 64;
/**
 * How often a pack that trapped, crashed or was stopped restarts within the window; then its calls get
 * `restarting`.
 */
export const PACK_RESTARTS_MAX = 60;
export const PACK_RESTART_WINDOW_MS = 60_000;
/** How much of a pack's error text is passed on, in characters. */
export const PACK_ERROR_CHARACTERS_MAX = 10_000;
/** How much of an isolated pack's last output a crash report shows, in characters. */
export const PACK_OUTPUT_CHARACTERS_MAX = 2_000;
/** The type of a port is not read where it is longer, or nested deeper: the port is not checked. */
export const PACK_TYPE_CHARACTERS_MAX = 2_000;
export const PACK_TYPE_DEPTH_MAX = 50;

// Start and drain.
/** How long a draining node waits for handlers. */
export const DRAIN_DEADLINE_MS = 10_000;
/** How long it waits for the store after that. */
export const DRAIN_SAVE_MS = 10_000;
/** How long clients have at least, after that, to receive replies in flight. */
export const CONNECTION_CLOSE_MS = 1_000;
