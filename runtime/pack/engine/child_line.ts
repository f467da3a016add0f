/**
 * A child process that holds one native pack: requests go to its standard input, replies come from its standard output, each after
 * a header of 8 bytes: its length, and the number of the request. A reply with another number belongs to nothing that was asked.
 */
import { FRAME_BYTES_MAX } from "@denizen/pack-sdk";
import { fileURLToPath } from "node:url";
import { DenizenError } from "../../errors.ts";
import { PACK_OUTPUT_CHARACTERS_MAX } from "../../limits.ts";
import type { Line } from "./remote_engine.ts";

const HEADER_SIZE = 8;

/** How the child is started. */
export type ChildCommand = readonly [program: string, ...args: string[]];

/** This Deno. The permission to open libraries is the only one it gets; native code needs no other to do as it likes. */
export function denoChildCommand(): ChildCommand {
  const script = fileURLToPath(new URL("./native_child.ts", import.meta.url));
  return [
    Deno.execPath(),
    "run",
    "--quiet",
    "--no-prompt",
    "--allow-ffi",
    script,
  ];
}

/** Takes exactly as many bytes from a stream as are asked for. */
class ByteReader {
  readonly #reader: ReadableStreamDefaultReader<Uint8Array>;
  #rest: Uint8Array = new Uint8Array();

  constructor(stream: ReadableStream<Uint8Array>) {
    this.#reader = stream.getReader();
  }

  /** `undefined` if the stream ends before. */
  async take(length: number): Promise<Uint8Array<ArrayBuffer> | undefined> {
    const bytes = new Uint8Array(length);
    for (let at = 0; at < length;) {
      if (this.#rest.length === 0) {
        const { value, done } = await this.#reader.read();
        if (done) return undefined;
        this.#rest = value;
      }
      const part = this.#rest.subarray(0, length - at);
      bytes.set(part, at);
      this.#rest = this.#rest.subarray(part.length);
      at += part.length;
    }
    return bytes;
  }

  cancel(): Promise<void> {
    return this.#reader.cancel().catch(() => {});
  }
}

export class ChildLine implements Line {
  readonly #child: Deno.ChildProcess;
  readonly #writer: WritableStreamDefaultWriter<Uint8Array>;
  readonly #reader: ByteReader;
  readonly #printed: Promise<void>;
  #requests = 0;
  #output = "";
  #cut = false;

  constructor([program, ...args]: ChildCommand) {
    this.#child = new Deno.Command(program, { args, stdin: "piped", stdout: "piped", stderr: "piped" })
      .spawn();
    this.#writer = this.#child.stdin.getWriter();
    this.#reader = new ByteReader(this.#child.stdout);
    this.#printed = this.#readPrinted(this.#child.stderr);
  }

  async exchange(request: Uint8Array<ArrayBuffer>): Promise<Uint8Array> {
    const header = new Uint8Array(HEADER_SIZE);
    const number = this.#requests = (this.#requests + 1) >>> 0;
    new DataView(header.buffer).setUint32(0, request.length, true);
    new DataView(header.buffer).setUint32(4, number, true);
    try {
      await this.#writer.write(header);
      await this.#writer.write(request);
      const head = await this.#reader.take(HEADER_SIZE);
      const length = head && new DataView(head.buffer).getUint32(0, true);
      if (length !== undefined && length > FRAME_BYTES_MAX) {
        throw new DenizenError(
          "pack_reply_invalid",
          `Cannot read the reply as it is too long: ${length} bytes`,
        );
      }
      if (head && new DataView(head.buffer).getUint32(4, true) !== number) {
        throw new DenizenError("pack_reply_invalid", "Cannot read the reply as it answers another request");
      }
      const reply = length === undefined ? undefined : await this.#reader.take(length);
      if (reply) return reply;
    } catch (thrown) {
      // It closed its input: it is gone, and how is asked below.
      if (thrown instanceof DenizenError) throw thrown;
    }
    throw await this.#crash();
  }

  async cut(): Promise<void> {
    if (this.#cut) return;
    this.#cut = true;
    try {
      this.#child.kill("SIGKILL");
    } catch {
      // It has ended already.
    }
    await this.#child.status;
    await Promise.all([this.#writer.abort().catch(() => {}), this.#reader.cancel(), this.#printed]);
  }

  async #crash(): Promise<DenizenError> {
    const { signal, code } = await this.#child.status;
    await this.#printed;
    const how = signal ?? `exit code ${code}`;
    return new DenizenError("pack_crashed", `Cannot finish the call as the pack ended its process: ${how}`, {
      data: { signal, code, output: this.#output },
    });
  }

  async #readPrinted(stream: ReadableStream<Uint8Array>): Promise<void> {
    const decoder = new TextDecoder();
    for await (const chunk of stream) {
      this.#output = (this.#output + decoder.decode(chunk, { stream: true })).slice(
        -PACK_OUTPUT_CHARACTERS_MAX,
      );
    }
  }
}
