import { setMaxListeners } from "node:events";
import { setTimeout as pause } from "node:timers/promises";
import type { World } from "#bench/support/world.ts";
import { openDatabase } from "#lib/db.ts";
import type { ErrorExport } from "#lib/webhook-errors/error-export.ts";
import { streamErrors } from "#lib/webhook-errors/stream-errors.ts";
import { createChannel } from "#testing/factories.ts";

const statusCodes = 24;
const chunkEveryMs = 15_000;
const againAfterMs = 100;
/** Of a pool's connections files take two fifths. */
const connectionsPerFile = 2.5;

/** Counted rows of one channel, 24 a minute until now. */
export async function fillFile({ database }: World, rows: number): Promise<ErrorExport> {
  const { id } = await createChannel(database.db, { errorStatisticsAggregation: true });
  const minutes = Math.ceil(rows / statusCodes);
  const to = new Date(Math.floor(Date.now() / 60_000) * 60_000);
  const from = new Date(to.getTime() - minutes * 60_000);
  await database.pool.query(
    `insert into error_rows (channel_id, minute, reason, detail, status_code, error_count, first_attempt_count, first_at, last_at)
     select $1, minute, 'error_status_code', code::text, code, code - 499, 1, minute + interval '1.2 s', minute + interval '47.9 s'
       from generate_series($2::timestamptz, $3::timestamptz - interval '1 minute', interval '1 minute') as minute,
            generate_series(500, 499 + $4::int) as code`,
    [id, from, to, statusCodes],
  );
  await database.pool.query("vacuum analyze error_rows");
  const question = { channelId: id, from, to, reason: null, detail: null, status: null };
  return {
    question: { ...question, attempt: null },
    zone: "Asia/Tokyo",
    sort: "date",
    order: "desc",
    format: "tsv",
  };
}

/** So many readers at once, of whom each takes 64 KiB every 15 seconds, and begins anew when its file is broken off. */
export function trickle(world: World, file: ErrorExport, count: number) {
  const connectionsMax = Math.ceil(count * connectionsPerFile);
  const database = openDatabase(world.url, { connectionsMax });
  const over = new AbortController();
  setMaxListeners(count, over.signal);
  let brokenOff = 0;
  const readOn = async () => {
    while (!over.signal.aborted) {
      const { stream } = await streamErrors(database.pool, file);
      if (await isBrokenOff(stream, over.signal)) brokenOff += 1;
      await pause(againAfterMs);
    }
  };
  const readers = Array.from({ length: count }, readOn);
  return {
    stop: async () => {
      over.abort();
      await Promise.all(readers);
      await database.close();
      return { brokenOff };
    },
  };
}

/** Reads at a trickle until the file ends, or the reader leaves by `signal`. */
async function isBrokenOff(
  stream: ReadableStream<Uint8Array>,
  signal: AbortSignal,
): Promise<boolean> {
  const reader = stream.getReader();
  try {
    while (!(await reader.read()).done) await pause(chunkEveryMs, undefined, { signal });
    return false;
  } catch (error) {
    if (signal.aborted) await reader.cancel();
    else if (!String(error).includes("broken off")) throw error;
    return !signal.aborted;
  }
}
