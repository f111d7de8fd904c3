import { once } from "node:events";
import { PassThrough } from "node:stream";
import { expect, test } from "vitest";
import { toReadable } from "./to-readable.ts";

const piece = new Uint8Array(65_536);

test("a file that fails while its reader takes nothing fails for the reader, who does not have to ask", async () => {
  let controller: ReadableStreamDefaultController<Uint8Array> | undefined;
  const file = new ReadableStream<Uint8Array>(
    {
      start(begun) {
        controller = begun;
      },
      pull: (asked) => asked.enqueue(piece),
    },
    { highWaterMark: 1 },
  );
  const readable = toReadable(file);
  // Takes what its buffer holds and no more, as a socket whose client has stopped.
  const stalled = readable.pipe(new PassThrough({ highWaterMark: 1 }));
  await expect.poll(() => readable.readableLength).toBe(piece.length);
  const failed = once(readable, "error");
  controller?.error(new Error("the reader is too slow"));
  expect(await failed).toEqual([new Error("the reader is too slow")]);
  stalled.destroy();
});

test("a reader who goes away cancels the file", async () => {
  const cancelled = new Promise<void>((resolve) => {
    const file = new ReadableStream<Uint8Array>({
      pull: (asked) => asked.enqueue(piece),
      cancel: () => resolve(),
    });
    const readable = toReadable(file);
    readable.once("data", () => readable.destroy());
  });
  await cancelled;
});
