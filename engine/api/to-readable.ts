import { Readable } from "node:stream";

/**
 * A file as Fastify sends it. Read by hand, so that a client that goes away cancels the stream, which frees the database's
 * connection, and so that a stream that fails while its reader takes nothing ends the answer all the same.
 */
export function toReadable(stream: ReadableStream<Uint8Array>): Readable {
  const reader = stream.getReader();
  const readable = new Readable({
    read() {
      reader.read().then(
        ({ done, value }) => readable.push(done ? null : value),
        (error: unknown) => readable.destroy(asError(error)),
      );
    },
    destroy(error, done) {
      reader.cancel().then(
        () => done(error),
        () => done(error),
      );
    },
  });
  reader.closed.catch((error: unknown) => readable.destroy(asError(error)));
  return readable;
}

const asError = (error: unknown): Error =>
  error instanceof Error ? error : new Error(String(error));
