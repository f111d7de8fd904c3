import type { Pool, PoolClient } from "pg";
import { AppError } from "./app-error.ts";
import { type CopyConnection, createCopyConnection } from "./copy-connection.ts";
import { createFairRoom, type FairRoom } from "./fair-room.ts";
import { createPace, type PaceOptions, readerPace } from "./reader-pace.ts";

/** Of a pool's connections, so that pages and forms have theirs whatever people take out. */
const shareOfPool = 0.4;
/** Of that, so that one reader holds up no others. */
const shareOfReader = 0.5;
const waitingPerReader = 4;
const rooms = new WeakMap<Pool, FairRoom>();
let strangers = 0;

export type CopyOptions = {
  /** Who reads: each has a share of the connections that files may take. Left out, nobody else is the same. */
  reader?: string;
  /** A reader who falls behind this has left, or holds a place to no end. */
  pace?: PaceOptions;
  /** How long to wait for one of the connections that files may take. */
  patienceMs?: number;
};

/** Yields a file piece by piece, each by statements that end before it is handed on. */
export type CopyBatches = (connection: CopyConnection) => AsyncIterator<Uint8Array>;

/**
 * A file of several short statements: each is read whole before its reader gets any of it, so that however slow the reader
 * is, the database holds no snapshot for it and cleans up what others leave. One batch is read ahead; memory does not grow
 * with the file. Cancelling the stream ends the statement and frees its connection. A reader who falls behind the least pace
 * is broken off: the stream fails, so that what came does not look whole. Does not protect from several readers who keep just
 * above it: they hold up other files, and nothing else. The stream comes when its first rows have been read.
 * @throws AppError unavailable while too many files are being taken out; whatever kept the first rows from being read.
 */
export async function streamCopies(
  pool: Pool,
  batches: CopyBatches,
  { reader, pace = readerPace, patienceMs = 10_000 }: CopyOptions = {},
): Promise<ReadableStream<Uint8Array>> {
  strangers += 1;
  const { client, release } = await enter(pool, reader ?? `nobody ${strangers}`, patienceMs);
  const watch = createPace(pace);
  const chunks = readAhead(batches(createCopyConnection(client)));
  const end = (broken?: Error): void => {
    watch.stop();
    release(broken);
  };
  let first: IteratorResult<Uint8Array, void> | undefined = await chunks
    .next()
    .catch((error: unknown) => {
      end(asError(error));
      throw error;
    });
  // pull and cancel by hand: Readable.toWeb throws past everyone when a reader leaves (Node 20).
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        watch.stop();
        try {
          const { done, value } = first ?? (await chunks.next());
          first = undefined;
          if (done === true) {
            end();
            return controller.close();
          }
          watch.offer(value.byteLength, () => {
            const error = new Error(
              "the reader is too slow, or reads no more: the file is broken off",
            );
            end(error);
            controller.error(error);
          });
          controller.enqueue(value);
        } catch (error) {
          end(asError(error));
          controller.error(error);
        }
      },
      cancel: () => end(new Error("the reader left")),
    },
    { highWaterMark: 1 },
  );
}

/** A file, and how many rows it has, which are counted before the first of them is read. */
export type CountedFile = { rowCount: number; stream: ReadableStream<Uint8Array> };

/** What is settled of a file before it begins; `pieces` begin with its line of columns, if it has one. */
export type SettledFile = {
  rowCount: number;
  pieces: AsyncGenerator<Uint8Array, void, undefined>;
};

/**
 * As streamCopies, for a file that says how many rows it has: behind many proxies one that breaks off arrives with a clean end.
 * @throws what `settle` throws, too.
 */
export async function streamCounted(
  pool: Pool,
  settle: (connection: CopyConnection) => Promise<SettledFile>,
  options?: CopyOptions,
): Promise<CountedFile> {
  let rowCount = 0;
  // It comes when its first rows have been read, and so after their count.
  const stream = await streamCopies(
    pool,
    async function* (connection) {
      const settled = await settle(connection);
      rowCount = settled.rowCount;
      yield* settled.pieces;
    },
    options,
  );
  return { rowCount, stream };
}

const chunkBytes = 65_536;

/**
 * Chunk by chunk, while the batch after is being read already. The first is given when the second is there: a head alone says
 * nothing of whether its rows can be read.
 */
async function* readAhead(
  batches: ReturnType<CopyBatches>,
): AsyncGenerator<Uint8Array, void, undefined> {
  let next = batches.next();
  let isFirst = true;
  for (;;) {
    const { done, value } = await next;
    if (done === true) return;
    next = batches.next();
    // What fails while nobody waits for it is told when it is asked for.
    next.catch(() => undefined);
    if (isFirst) await next;
    isFirst = false;
    for (let from = 0; from < value.byteLength; from += chunkBytes) {
      yield value.subarray(from, from + chunkBytes);
    }
  }
}

type Entered = { client: PoolClient; release: (broken?: Error) => void };

async function enter(pool: Pool, reader: string, patienceMs: number): Promise<Entered> {
  const leave = await roomOf(pool).enter(reader, patienceMs);
  if (leave === null) {
    throw new AppError("unavailable", "Too many files are being downloaded: try again later.", {
      key: "downloads_busy",
    });
  }
  try {
    const client = await pool.connect();
    const release = releaseOnce(client, leave);
    await client.query("set datestyle = 'ISO'").catch((error: unknown) => {
      release(asError(error));
      throw error;
    });
    return { client, release };
  } catch (error) {
    leave();
    throw error;
  }
}

function roomOf(pool: Pool): FairRoom {
  const places = Math.max(1, Math.floor(pool.options.max * shareOfPool));
  const placesPerKey = Math.max(1, Math.floor(places * shareOfReader));
  const room =
    rooms.get(pool) ?? createFairRoom({ places, placesPerKey, waitingPerKey: waitingPerReader });
  rooms.set(pool, room);
  return room;
}

/** A connection with an unfinished COPY is closed, not given back: that also ends the statement. */
function releaseOnce(client: PoolClient, leave: () => void): (broken?: Error) => void {
  let released = false;
  return (broken) => {
    if (released) return;
    released = true;
    client.release(broken);
    leave();
  };
}

const asError = (error: unknown): Error =>
  error instanceof Error ? error : new Error(String(error));
