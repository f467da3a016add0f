/** Runs in a child process and answers the requests of `child_channel.ts` until its standard input ends. */
import { HEADER_SIZE, readHeader, writeHeader } from "./child_framing.ts";
import { ServedPack } from "./served_pack.ts";

/** The C library with `dup` and `write`, by operating system. */
const C_LIBRARIES: Partial<Record<typeof Deno.build.os, string>> = {
  linux: "libc.so.6",
  darwin: "/usr/lib/libSystem.B.dylib",
};

/**
 * Keeps the pack's output apart from the replies: standard output is redirected to standard error, and
 * replies go to a copy of the original descriptor. On systems without a known C library, output of the pack
 * corrupts its replies.
 */
function openReplies(): (bytes: Uint8Array<ArrayBuffer>) => number {
  const library = C_LIBRARIES[Deno.build.os];
  if (!library) return (bytes) => Deno.stdout.writeSync(bytes);
  const { symbols } = Deno.dlopen(library, {
    dup: { parameters: ["i32"], result: "i32" },
    dup2: { parameters: ["i32", "i32"], result: "i32" },
    write: { parameters: ["i32", "buffer", "usize"], result: "isize" },
  });
  const replies = symbols.dup(1);
  symbols.dup2(2, 1);
  return (bytes) => Number(symbols.write(replies, bytes, BigInt(bytes.length)));
}

function readExactly(length: number): Uint8Array<ArrayBuffer> | undefined {
  const bytes = new Uint8Array(length);
  for (let at = 0; at < length;) {
    const read = Deno.stdin.readSync(bytes.subarray(at));
    if (read === null) return undefined;
    at += read;
  }
  return bytes;
}

/** A call that never ends must not outlive the node, which is the only one to stop it. */
function endWithParent(): void {
  if (Deno.build.os !== "linux") return;
  const setParentDeathSignal = 1, kill = 9;
  const { symbols } = Deno.dlopen(C_LIBRARIES.linux!, {
    prctl: { parameters: ["i32", "usize"], result: "i32" },
  });
  symbols.prctl(setParentDeathSignal, BigInt(kill));
}

endWithParent();
const writeSome = openReplies();
const pack = new ServedPack();

function write(bytes: Uint8Array<ArrayBuffer>): void {
  for (let at = 0; at < bytes.length;) {
    const written = writeSome(bytes.subarray(at));
    // The node has closed its end.
    if (written <= 0) Deno.exit(1);
    at += written;
  }
}

for (;;) {
  const head = readExactly(HEADER_SIZE);
  const header = head && readHeader(head);
  const request = header && readExactly(header.length);
  if (!request) break;
  const reply = await pack.answer(request);
  write(writeHeader({ length: reply.length, request: header.request }));
  write(reply);
}
