import type { LiveHub, LiveViewer } from "./hub.ts";
import type { LiveMessage } from "./schema.ts";

/** Neither a cache, nor a compressor, nor a proxy may hold messages back. */
export const liveHeaders = {
  "content-type": "text/event-stream; charset=utf-8",
  "cache-control": "no-store, no-transform",
  "x-accel-buffering": "no",
} as const;

/** Messages that may wait for a reader that does not read. Beats come every 15 s, so such a reader is gone. */
const unreadMax = 16;

/**
 * The viewer's messages as server-sent events. Ends when the hub says so, when the reader leaves, and when it has
 * stopped reading. @throws AppError as `join` of the hub.
 */
export function streamLive(hub: LiveHub, viewer: LiveViewer): ReadableStream<Uint8Array> {
  let out: ReadableStreamDefaultController<Uint8Array> | undefined;
  const early: LiveMessage[] = [];
  const send = (message: LiveMessage): void => {
    if (out === undefined) {
      early.push(message);
      return;
    }
    out.enqueue(encode(message));
    if (message === "end" || (out.desiredSize ?? 0) <= 0) close();
  };
  // Joined before there is a stream, so that a refusal can still be answered with its status.
  const leave = hub.join(viewer, send, () => close());
  const close = (): void => {
    const last = out;
    out = undefined;
    leave();
    last?.close();
  };
  return new ReadableStream<Uint8Array>(
    {
      start(controller) {
        out = controller;
        for (const message of early.splice(0)) send(message);
      },
      cancel() {
        out = undefined;
        leave();
      },
    },
    { highWaterMark: unreadMax },
  );
}

const encoder = new TextEncoder();

/** An event without data is not handed on by browsers. */
const encode = (message: LiveMessage): Uint8Array =>
  encoder.encode(`event: ${message}\ndata: {}\n\n`);
