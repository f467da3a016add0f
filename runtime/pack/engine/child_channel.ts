/**
 * A child process that holds one native pack. Requests go to its standard input and replies come from its
 * standard output, each as one message of `child_framing.ts`. A reply with another number than the last
 * request is refused.
 */
import { FRAME_BYTES_MAX } from "@denizen/pack-sdk";
import { fileURLToPath } from "node:url";
import { DenizenError } from "../../errors.ts";
import { PACK_OUTPUT_CHARACTERS_MAX } from "../../limits.ts";
import { HEADER_SIZE, readHeader, writeHeader } from "./child_framing.ts";
import type { Channel } from "./remote_engine.ts";

/** The program of the child and its arguments. */
export type ChildCommand = readonly [program: string, ...args: string[]];

/** This Deno, with `--allow-ffi` as its only permission. Native code can do anything with that alone. */
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

/** Reads exact numbers of bytes from a stream. */
class ByteReader {
  readonly #reader: ReadableStreamDefaultReader<Uint8Array>;
  #rest: Uint8Array = new Uint8Array();

  constructor(stream: ReadableStream<Uint8Array>) {
    this.#reader = stream.getReader();
  }

  /** `undefined` if the stream ends first. */
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

export class ChildChannel implements Channel {
  readonly #child: Deno.ChildProcess;
  readonly #writer: WritableStreamDefaultWriter<Uint8Array>;
  readonly #reader: ByteReader;
  readonly #printed: Promise<void>;
  #requests = 0;
  #output = "";
  #killed = false;

  constructor([program, ...args]: ChildCommand) {
    this.#child = new Deno.Command(program, { args, stdin: "piped", stdout: "piped", stderr: "piped" })
      .spawn();
    this.#writer = this.#child.stdin.getWriter();
    this.#reader = new ByteReader(this.#child.stdout);
    this.#printed = this.#readPrinted(this.#child.stderr);
  }

  async exchange(request: Uint8Array<ArrayBuffer>): Promise<Uint8Array> {
    const number = this.#requests = (this.#requests + 1) >>> 0;
    try {
      await this.#writer.write(writeHeader({ length: request.length, request: number }));
      await this.#writer.write(request);
      const reply = await this.#reply(number);
      if (reply) return reply;
    } catch (thrown) {
      // A broken pipe means that the child has exited; `#crash` finds out how.
      if (thrown instanceof DenizenError) throw thrown;
    }
    throw await this.#crash();
  }

  async #reply(number: number): Promise<Uint8Array | undefined> {
    const head = await this.#reader.take(HEADER_SIZE);
    if (!head) return undefined;
    const { length, request } = readHeader(head);
    if (length > FRAME_BYTES_MAX) {
      throw new DenizenError(
        "pack_reply_invalid",
        `Cannot read the reply as it is too long: ${length} bytes`,
      );
    }
    if (request !== number) {
      throw new DenizenError("pack_reply_invalid", "Cannot read the reply as it answers another request");
    }
    return await this.#reader.take(length);
  }

  async kill(): Promise<void> {
    if (this.#killed) return;
    this.#killed = true;
    try {
      this.#child.kill("SIGKILL");
    } catch {
      // It has already exited.
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
