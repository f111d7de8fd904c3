import type { Pool } from "pg";
import type { QueueFigures } from "./schema.ts";

type Row = {
  webhook_count: number;
  is_known: boolean;
  oldest_seconds: number;
  page_count: number;
};

/**
 * How much waits, and for how long. The count is the statistics' of the database, some seconds old: counting a million rows
 * would cost more than sending them. After a crash PostgreSQL has lost them, and has them made anew here. Index: ready_channels
 * (lane, due_at).
 */
export async function inspectQueue(pool: Pool): Promise<QueueFigures> {
  const row = await read(pool);
  if (row.is_known) return toFigures(row);
  await pool.query("analyze webhook_queue");
  return toFigures(await read(pool));
}

const toFigures = (row: Row): QueueFigures => ({
  webhookCount: row.webhook_count,
  oldestDueSeconds: row.oldest_seconds,
  pageCount: row.page_count,
});

/** Nothing known: never looked at since the statistics begin, and large enough to matter. */
async function read(pool: Pool): Promise<Row> {
  const { rows } = await pool.query<Row>({
    name: "inspect_queue",
    text: `select greatest(0, s.n_live_tup)::float8 as webhook_count,
                  coalesce(s.last_analyze, s.last_autoanalyze, s.last_vacuum, s.last_autovacuum) is not null
                    or pg_relation_size(s.relid) < 16777216 as is_known,
                  (select greatest(0, coalesce(extract(epoch from now() - min(due_at)), 0))::float8
                     from ready_channels) as oldest_seconds,
                  pg_relation_size(s.relid)::float8 / current_setting('block_size')::int as page_count
             from pg_stat_user_tables s where s.relid = 'webhook_queue'::regclass`,
  });
  return rows[0] ?? { webhook_count: 0, is_known: true, oldest_seconds: 0, page_count: 0 };
}
