/** Runs in a child process: answers the requests of `child_line.ts`, until its input ends. */
import { ServedPack } from "./served_pack.ts";

const HEADER_SIZE = 8;

/** Where the C library is that has `dup` and `write`. */
const C_LIBRARIES: Partial<Record<typeof Deno.build.os, string>> = {
  linux: "libc.so.6",
  darwin: "/usr/lib/libSystem.B.dylib",
};

/**
 * What a pack prints must not get between the replies: from here on its standard output is standard error, and replies go to what
 * was standard output. Where that cannot be done, a pack that prints is a pack whose replies are wrong.
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

/** A call that never ends must not outlive the node: nobody is left to stop it. */
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
    // Whoever reads is gone.
    if (written <= 0) Deno.exit(1);
    at += written;
  }
}

for (;;) {
  const head = readExactly(HEADER_SIZE);
  const asked = head && new DataView(head.buffer);
  const request = asked && readExactly(asked.getUint32(0, true));
  if (!request) break;
  const reply = await pack.answer(request);
  const header = new Uint8Array(HEADER_SIZE);
  new DataView(header.buffer).setUint32(0, reply.length, true);
  new DataView(header.buffer).setUint32(4, asked.getUint32(4, true), true);
  write(header);
  write(reply);
}
