import type { Socket } from "node:net";

// Frames (RFC 9113) written by hand, for servers that a well-behaved library would not let one build.

const types = { data: 0, headers: 1, rst: 3, settings: 4, goaway: 7 } as const;
/** HPACK: ":status: 200" and ":status: 500" are entries of the static table. */
export const status200 = Buffer.from([0x88]);
export const status500 = Buffer.from([0x8e]);
/** ":status: 000", spelled out: a literal without indexing whose name is entry 8. */
export const statusNone = Buffer.from([0x08, 0x03, 0x30, 0x30, 0x30]);

function frame(type: number, flags: number, stream: number, payload: Buffer): Buffer {
  const head = Buffer.alloc(9);
  head.writeUIntBE(payload.length, 0, 3);
  head[3] = type;
  head[4] = flags;
  head.writeUInt32BE(stream, 5);
  return Buffer.concat([head, payload]);
}

/** `pairs`: setting id to value, such as `[3, 1]` for one stream at a time. */
export function settings(...pairs: readonly [number, number][]): Buffer {
  const payload = Buffer.alloc(pairs.length * 6);
  for (const [index, [id, value]] of pairs.entries()) {
    payload.writeUInt16BE(id, index * 6);
    payload.writeUInt32BE(value, index * 6 + 2);
  }
  return frame(types.settings, 0, 0, payload);
}

function settingsAck(): Buffer {
  return frame(types.settings, 1, 0, Buffer.alloc(0));
}

export function goAway(lastStream: number, code: number): Buffer {
  const payload = Buffer.alloc(8);
  payload.writeUInt32BE(lastStream, 0);
  payload.writeUInt32BE(code, 4);
  return frame(types.goaway, 0, 0, payload);
}

export function rstStream(stream: number, code: number): Buffer {
  const payload = Buffer.alloc(4);
  payload.writeUInt32BE(code, 0);
  return frame(types.rst, 0, stream, payload);
}

export function headers(stream: number, block: Buffer, endStream = true): Buffer {
  return frame(types.headers, 0x4 | (endStream ? 0x1 : 0), stream, block);
}

export function data(stream: number, payload: Buffer, endStream = true): Buffer {
  return frame(types.data, endStream ? 0x1 : 0, stream, payload);
}

/** Calls back with each frame of a client, after its preface. */
function onFrames(
  socket: Socket,
  onFrame: (frame: { type: number; flags: number; stream: number; payload: Buffer }) => void,
): void {
  let pending: Buffer = Buffer.alloc(0);
  let isPrefaceRead = false;
  socket.on("data", (bytes: Buffer) => {
    pending = Buffer.concat([pending, bytes]);
    if (!isPrefaceRead && pending.length >= 24) {
      isPrefaceRead = true;
      pending = pending.subarray(24);
    }
    while (isPrefaceRead && pending.length >= 9) {
      const length = pending.readUIntBE(0, 3);
      if (pending.length < 9 + length) return;
      const [type = 0, flags = 0] = [pending[3], pending[4]];
      const stream = pending.readUInt32BE(5);
      const payload = pending.subarray(9, 9 + length);
      pending = pending.subarray(9 + length);
      onFrame({ type, flags, stream, payload });
    }
  });
}

/**
 * Reads a client's frames and calls back with the id of each request's stream once it is complete, and its body.
 * SETTINGS are acknowledged; nothing else is answered. `onReset`: the client broke a stream off, with this code.
 */
export function onRequests(
  socket: Socket,
  onRequest: (stream: number, body: string) => void,
  onReset: (stream: number, code: number) => void = () => {},
): void {
  const bodies = new Map<number, string>();
  onFrames(socket, ({ type, flags, stream, payload }) => {
    if (type === types.settings && (flags & 1) === 0) socket.write(settingsAck());
    if (type === types.rst) onReset(stream, payload.readUInt32BE(0));
    if (type === types.data) bodies.set(stream, `${bodies.get(stream) ?? ""}${payload}`);
    const isRequest = type === types.headers || type === types.data;
    if (isRequest && (flags & 1) === 1) onRequest(stream, bodies.get(stream) ?? "");
  });
}
