import type { Pool } from "pg";
import { Gauge, type Registry } from "prom-client";
import { noticeKinds } from "#lib/outbox/schema.ts";

/** Whether people are being told: a mail server that is away shows as an age that grows, one that refuses as failed mails. */
export function addMailGauges(pool: Pool, registry: Registry): void {
  new Gauge({
    name: "tocsin_mails_oldest_waiting_seconds",
    help: "Age of the oldest mail that is not sent yet; a few seconds are normal",
    registers: [registry],
    async collect() {
      this.set(await readOldestSeconds(pool));
    },
  });
  new Gauge({
    name: "tocsin_mails_last_day",
    help: "Mails written within the last 24 hours, by state",
    labelNames: ["state"] as const,
    registers: [registry],
    async collect() {
      this.reset();
      for (const { state, count } of await countLastDay(pool)) this.set({ state }, count);
    },
  });
  new Gauge({
    name: "tocsin_mail_notices",
    help: "Problems with sending mails that Operations shows, by kind: 1 while the problem lasts",
    labelNames: ["kind"] as const,
    registers: [registry],
    async collect() {
      const standing = await readNoticeKinds(pool);
      for (const kind of noticeKinds) this.set({ kind }, standing.has(kind) ? 1 : 0);
    },
  });
}

async function readNoticeKinds(pool: Pool): Promise<ReadonlySet<string>> {
  const { rows } = await pool.query<{ kind: string }>(
    "select kind from mail_notices where last_at > now() - interval '24 hours'",
  );
  return new Set(rows.map(({ kind }) => kind));
}

/** Index: mails (state, due_at); as many rows as wait. */
async function readOldestSeconds(pool: Pool): Promise<number> {
  const { rows } = await pool.query<{ seconds: number }>(
    `select coalesce(extract(epoch from now() - min(created_at)), 0)::float8 as seconds
       from mails where state in ('queued', 'sending')`,
  );
  return rows[0]?.seconds ?? 0;
}

/** Every state, also those without mails. Index: mails (created_at). */
async function countLastDay(pool: Pool): Promise<{ state: string; count: number }[]> {
  const { rows } = await pool.query<{ state: string; count: number }>(
    `select s.state::text as state, count(m.id)::int as count
       from unnest(enum_range(null::mail_state)) as s(state)
       left join mails m on m.state = s.state and m.created_at > now() - interval '24 hours'
      group by s.state`,
  );
  return rows;
}
