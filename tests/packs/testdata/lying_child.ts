/**
 * Stands in for the process of an isolated pack that writes its replies itself. Its argument has what to answer, as JSON: the
 * values by operation, and how often a reply to a tick comes.
 */
import type { Request } from "../../../runtime/pack/engine/protocol.ts";

const { ticks = 1, ...answers } = JSON.parse(Deno.args[0]!) as Record<Request["op"], unknown> & {
  ticks?: number;
};
const HEADER_SIZE = 8;

function readExactly(length: number): Uint8Array<ArrayBuffer> | undefined {
  const bytes = new Uint8Array(length);
  for (let at = 0; at < length;) {
    const read = Deno.stdin.readSync(bytes.subarray(at));
    if (read === null) return undefined;
    at += read;
  }
  return bytes;
}

for (;;) {
  const head = readExactly(HEADER_SIZE);
  if (!head) break;
  const frame = readExactly(new DataView(head.buffer).getUint32(0, true))!;
  const text = new TextDecoder().decode(frame.subarray(4, 4 + new DataView(frame.buffer).getUint32(0, true)));
  const { op } = JSON.parse(text) as Request;
  const answer = new TextEncoder().encode(JSON.stringify(answers[op]));
  const reply = new Uint8Array(HEADER_SIZE + 4 + answer.length), view = new DataView(reply.buffer);
  view.setUint32(0, 4 + answer.length, true);
  reply.set(head.subarray(4), 4);
  view.setUint32(HEADER_SIZE, answer.length, true);
  reply.set(answer, HEADER_SIZE + 4);
  for (let times = op === "tick" ? ticks : 1; times > 0; times--) Deno.stdout.writeSync(reply);
}
