import pg from "pg";
import { createBatcher } from "#lib/batcher.ts";
import type { DeliveryOutcome } from "#lib/transport/schema.ts";
import { acceptedAtOf } from "#lib/webhooks/webhook-id.ts";
import type { PeerJob } from "./peers.ts";

/**
 * What somebody who builds deliveries on a job queue keeps beside it: a row per webhook with its body and the attempt that
 * delivered it, and the minute's count, in PostgreSQL. Tables and indexes are the product's own, without its partitions.
 */
export type PeerLog = {
  /** Resolves when it is durable; only then may the job be acknowledged. */
  keep: (job: PeerJob, outcome: DeliveryOutcome) => Promise<void>;
  /** Forgets everything, for the next drain. */
  empty: () => Promise<void>;
  /** @throws Error when the log has not a row for each of `count` jobs, or the minutes count others. */
  check: (count: number) => Promise<void>;
  close: () => Promise<void>;
};

/** Of a statement; what comes in while others are under way gathers. */
const batchMax = 500;

/** Over the product's migrated database at `url`. */
export async function openPeerLog(url: string): Promise<PeerLog> {
  const pool = new pg.Pool({ connectionString: url, max: 4 });
  // When a run fails the database may be gone before its idle connections; what is under way fails by itself.
  pool.on("error", () => undefined);
  await pool.query("create table if not exists peer_log (like webhooks including all)");
  await pool.query(
    "create table if not exists peer_minutes (like delivered_minutes including all)",
  );
  const batcher = createBatcher<Kept, void>({
    sizeMax: batchMax,
    concurrency: 2,
    gatherMs: 5,
    run: async (batch) => {
      await write(pool, batch);
      return batch.map(() => undefined);
    },
  });
  return {
    keep: async (job, outcome) => {
      if (outcome.state !== "delivered") throw new Error("the bot server of the bench failed");
      await batcher.add({ job, outcome });
    },
    empty: async () => {
      await pool.query("truncate peer_log, peer_minutes");
    },
    check: async (count) => {
      const { rows } = await pool.query<{ logged: number; counted: number }>(
        `select (select count(*)::int from peer_log) as logged,
                (select coalesce(sum(delivered_count), 0)::int from peer_minutes) as counted`,
      );
      const { logged, counted } = rows[0] ?? {};
      if (logged !== count || counted !== count) {
        throw new Error(`of ${count} jobs ${logged} are in the log and ${counted} are counted`);
      }
    },
    close: () => pool.end(),
  };
}

type Kept = { job: PeerJob; outcome: Extract<DeliveryOutcome, { state: "delivered" }> };

/** One statement, so all or nothing. A job that comes again, as after a crash, is neither logged nor counted twice. */
async function write(pool: pg.Pool, batch: readonly Kept[]): Promise<void> {
  await pool.query({
    name: "peer_keep",
    text: `with logged as (
             insert into peer_log (channel_id, accepted_at, id, state, attempts, event_count, finished_at, started_at, url,
                                   status_code, phases, note, body)
             select channel_id, to_timestamp(accepted_ms / 1000), id, 'delivered', 1, 1, now(), to_timestamp(started_ms / 1000),
                    url, status_code, phases::jsonb, note, body
               from unnest($1::text[], $2::float8[], $3::uuid[], $4::float8[], $5::text[], $6::smallint[], $7::text[], $8::text[],
                           $9::text[])
                    as new (channel_id, accepted_ms, id, started_ms, url, status_code, phases, note, body)
             on conflict do nothing
             returning channel_id, started_at
           )
           insert into peer_minutes as m (channel_id, minute, delivered_count)
           select channel_id, date_trunc('minute', started_at, 'UTC'), count(*)::int from logged group by 1, 2 order by 1, 2
           on conflict (channel_id, minute) do update set delivered_count = m.delivered_count + excluded.delivered_count`,
    values: [
      batch.map(({ job }) => job.channelId),
      batch.map(({ job }) => acceptedAtOf(job.webhookId).getTime()),
      batch.map(({ job }) => job.webhookId),
      batch.map(({ outcome }) => outcome.startedAt.getTime()),
      batch.map(({ job }) => job.url),
      batch.map(({ outcome }) => outcome.statusCode),
      batch.map(({ outcome }) => JSON.stringify(outcome.times)),
      batch.map(({ outcome }) => outcome.note),
      batch.map(({ job }) => job.body),
    ],
  });
}
