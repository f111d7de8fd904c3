import pg, { type Pool, type PoolClient } from "pg";
import { type CopyToStreamQuery, to as copyTo } from "pg-copy-streams";
import type { Prisma } from "#prisma/generated/client.ts";

/**
 * What a `copy (…) to stdout` statement writes, as UTF-8: memory does not grow with the rows, and a slow reader slows the
 * database down instead of filling a buffer. Cancelling the stream ends the statement and frees its connection.
 */
export async function streamCopy(
  pool: Pool,
  statement: Prisma.Sql,
): Promise<ReadableStream<Uint8Array>> {
  const client = await pool.connect();
  const copy = await startCopy(client, inlineLiterals(statement));
  const chunks: AsyncIterator<Uint8Array> = copy[Symbol.asyncIterator]();
  const release = releaseOnce(client);
  // pull and cancel by hand: Readable.toWeb throws past everyone when a reader leaves (Node 20).
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        try {
          const { done, value } = await chunks.next();
          if (!done) return controller.enqueue(value);
          release();
          controller.close();
        } catch (error) {
          release(error instanceof Error ? error : new Error(String(error)));
          controller.error(error);
        }
      },
      cancel() {
        copy.destroy();
        release(new Error("the reader left"));
      },
    },
    { highWaterMark: 4 },
  );
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
function releaseOnce(client: PoolClient): (broken?: Error) => void {
  let released = false;
  return (broken) => {
    if (released) return;
    released = true;
    client.release(broken);
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
