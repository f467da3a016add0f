/**
 * How a node and a child process frame their messages: 8 bytes, little-endian, with the length of the message
 * and the number of the request it belongs to, then the message.
 */
/** In bytes. */
export const HEADER_SIZE = 8;

interface MessageHeader {
  /** In bytes. */
  readonly length: number;
  readonly request: number;
}

export function writeHeader({ length, request }: MessageHeader): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(HEADER_SIZE);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, length, true);
  view.setUint32(4, request, true);
  return bytes;
}

export function readHeader({ buffer }: Uint8Array<ArrayBuffer>): MessageHeader {
  const view = new DataView(buffer);
  return { length: view.getUint32(0, true), request: view.getUint32(4, true) };
}
