import pg, { type Pool, type PoolClient } from "pg";
import { type CopyToStreamQuery, to as copyTo } from "pg-copy-streams";
import type { Prisma } from "#prisma/generated/client.ts";
import { AppError } from "./app-error.ts";
import { createFairRoom, type FairRoom } from "./fair-room.ts";

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
  /** A reader who takes nothing for this long has left, or holds a connection to no end. */
  stallMs?: number;
  /** How long to wait for one of the connections that files may take. */
  patienceMs?: number;
};

/**
 * What a `copy (…) to stdout` statement writes, as UTF-8: memory does not grow with the rows, and a slow reader slows the
 * database down instead of filling a buffer. Cancelling the stream ends the statement and frees its connection; so does
 * reading nothing of it for half a minute. Does not protect from several readers who take a little every now and then: they
 * hold up other files, and nothing else.
 * @throws AppError unavailable while too many files are being taken out.
 */
export async function streamCopy(
  pool: Pool,
  statement: Prisma.Sql,
  { reader, stallMs = 30_000, patienceMs = 10_000 }: CopyOptions = {},
): Promise<ReadableStream<Uint8Array>> {
  strangers += 1;
  const key = reader ?? `nobody ${strangers}`;
  const { copy, release } = await begin(pool, inlineLiterals(statement), key, patienceMs);
  const chunks: AsyncIterator<Uint8Array> = copy[Symbol.asyncIterator]();
  let stalled: NodeJS.Timeout | undefined;
  const end = (broken?: Error): void => {
    clearTimeout(stalled);
    release(broken);
  };
  const giveUp = (controller: ReadableStreamDefaultController<Uint8Array>): void => {
    const error = new Error(`no reader for ${stallMs} ms`);
    copy.destroy();
    end(error);
    controller.error(error);
  };
  // pull and cancel by hand: Readable.toWeb throws past everyone when a reader leaves (Node 20).
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        clearTimeout(stalled);
        try {
          const { done, value } = await chunks.next();
          if (!done) {
            stalled = setTimeout(giveUp, stallMs, controller);
            return controller.enqueue(value);
          }
          end();
          controller.close();
        } catch (error) {
          end(error instanceof Error ? error : new Error(String(error)));
          controller.error(error);
        }
      },
      cancel() {
        copy.destroy();
        end(new Error("the reader left"));
      },
    },
    { highWaterMark: 4 },
  );
}

type Begun = { copy: CopyToStreamQuery; release: (broken?: Error) => void };

async function begin(
  pool: Pool,
  statement: string,
  reader: string,
  patienceMs: number,
): Promise<Begun> {
  const leave = await roomOf(pool).enter(reader, patienceMs);
  if (leave === null) {
    throw new AppError("unavailable", "Too many files are being taken out: try again later.", {
      key: "downloads_busy",
    });
  }
  try {
    const client = await pool.connect();
    const copy = await startCopy(client, statement);
    return { copy, release: releaseOnce(client, leave) };
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

async function startCopy(client: PoolClient, statement: string): Promise<CopyToStreamQuery> {
  try {
    await client.query("set datestyle = 'ISO'");
    return client.query(copyTo(statement));
  } catch (error) {
    client.release(true);
    throw error;
  }
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

/**
 * COPY takes no parameters, so every value is written into the statement: texts escaped by the driver, nothing but texts
 * and whole numbers let through.
 */
function inlineLiterals(sql: Prisma.Sql): string {
  return sql.strings.reduce((text, part, index) => text + literal(sql.values[index - 1]) + part);
}

function literal(value: unknown): string {
  if (typeof value === "number" && Number.isSafeInteger(value)) return String(value);
  if (typeof value === "string" && !value.includes("\u0000")) return pg.escapeLiteral(value);
  throw new Error("only texts and whole numbers can be written into a statement");
}
