/**
 * Distinguishes a body that is in memory from one that is still being produced: `new Response("text")` shows
 * both as a stream. A complete body is sent with its length.
 */

/** A stream that is in memory gives its chunk and its end within so many turns of the microtask queue. */
const MICROTASKS = 16;

type Chunk = Uint8Array<ArrayBuffer>;
type Read = ReadableStreamReadResult<Chunk>;

interface Beginning {
  /** The body, if it is in memory. */
  readonly whole: Chunk | undefined;
  /** All of the body, if it is not. */
  readonly rest: ReadableStream<Chunk>;
}

/** Waits only for microtasks, so that a slow body does not delay the headers. */
export async function beginningOf(body: ReadableStream<Chunk>): Promise<Beginning> {
  const reader = body.getReader();
  const first = reader.read();
  const begun = await soon(first);
  if (begun?.done) return { whole: new Uint8Array(), rest: body };
  const second = begun && reader.read();
  const ended = second && await soon(second);
  if (ended?.done) return { whole: begun!.value, rest: body };
  return { whole: undefined, rest: resumed(reader, second ? [first, second] : [first]) };
}

async function soon(read: Promise<Read>): Promise<Read | undefined> {
  let settled: Read | undefined;
  // A body that fails does so when it is read on.
  read.then((result) => settled = result, () => {});
  for (let turn = 0; turn < MICROTASKS && settled === undefined; turn++) await undefined;
  return settled;
}

/** The stream from its beginning: what has been read of it, then the rest as it is asked for. */
function resumed(reader: ReadableStreamDefaultReader<Chunk>, read: Promise<Read>[]): ReadableStream<Chunk> {
  return new ReadableStream<Chunk>({
    async pull(controller) {
      const { done, value } = await (read.shift() ?? reader.read());
      if (done) controller.close();
      else controller.enqueue(value);
    },
    cancel: (reason) => reader.cancel(reason),
  }, { highWaterMark: 0 });
}
