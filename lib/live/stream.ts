import { encodeMessage } from "./encode.ts";
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
  const early: (LiveMessage | Uint8Array)[] = [];
  /** Figures for a reader who has not read everything yet: newer ones take their place. */
  let held: Uint8Array | undefined;
  const giveHeld = (): void => {
    if (held === undefined || out?.desiredSize !== unreadMax) return;
    const figures = held;
    held = undefined;
    out.enqueue(figures);
  };
  const send = (message: LiveMessage | Uint8Array): void => {
    if (out === undefined) {
      early.push(message);
    } else if (typeof message !== "string") {
      held = message;
      giveHeld();
    } else {
      out.enqueue(encodeMessage(message));
      if (message === "end" || (out.desiredSize ?? 0) <= 0) close();
    }
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
      pull: giveHeld,
      cancel() {
        out = undefined;
        leave();
      },
    },
    { highWaterMark: unreadMax },
  );
}
