import type { Pool } from "pg";
import { cancelWaiting } from "#lib/cancellations/cancel-waiting.ts";
import type { Database } from "#lib/db.ts";
import { type EndpointStep, type FailingPolicy, warningPercents } from "./schema.ts";
import { settleBeginnings } from "./settle.ts";
import { shownBySuspensionSql } from "./shown.ts";

export type StepTaken = { channelId: string; step: EndpointStep };

const stepsMax = 100;

/**
 * Warns about bot servers that have failed for 50, 70, 90 and 100 % of the limit, and at 100 % suspends sending where the
 * policy says so. Each step is taken once per outage and leaves a notification in the same statement, which the mails are
 * written from; of several that are reached at once only the last is told. Suspending ends what waits, too.
 *
 * `now` is the database's clock when absent. Several workers may call this at once. A crash between suspending and
 * ending what waits leaves webhooks that the claim finds suspended and ends when they are due.
 */
export async function takeHealthSteps(
  { pool, db }: Pick<Database, "pool" | "db">,
  policy: FailingPolicy,
  now?: Date,
): Promise<StepTaken[]> {
  await settleBeginnings(pool, now);
  const all: StepTaken[] = [];
  for (let more = true; more; ) {
    const taken = await takeDue(pool, policy, now);
    for (const { channelId, step } of taken) {
      if (step !== "suspended") continue;
      await db.$transaction((tx) => cancelWaiting(tx, [channelId], { lanes: "all" }));
    }
    all.push(...taken);
    more = taken.length === stepsMax;
  }
  return all;
}

/** Index: endpoint_health (failing_since). The step is decided on the locked row, so no other worker takes it too. */
async function takeDue(
  pool: Pool,
  { limitMs, suspends }: FailingPolicy,
  now: Date | undefined,
): Promise<StepTaken[]> {
  const { rows } = await pool.query<StepTaken>(
    `with due as materialized (
       select h.channel_id, used.percent, $3::bool and used.percent = 100 as suspends
         from endpoint_health h
         join channels c on c.id = h.channel_id and c.use_webhook and c.webhook_url is not null
        cross join lateral (
          select case ${whenReached} else 0 end as percent
        ) used
        where h.failing_since <= coalesce($1::timestamptz, now()) - $2::float8 / 2 * interval '1 ms'
          and h.is_settled and h.suspended_at is null
          and (used.percent > h.warned_percent or $3::bool and used.percent = 100)
        order by h.channel_id limit ${stepsMax} for update of h skip locked
     ),
     taken as (
       update endpoint_health h
          set warned_percent = due.percent,
              suspended_at = case when due.suspends then coalesce($1::timestamptz, now()) end,
              ${shownBySuspensionSql("due.suspends")}
         from due where h.channel_id = due.channel_id
       returning h.*
     )
     insert into notifications (id, channel_id, type, key, detected_at, closed_at, reason, detail, error_count)
     select gen_random_uuid(), channel_id, 'endpoint_failing',
            case when suspended_at is null then warned_percent::text else 'suspended' end,
            failing_since, last_failure_at, reason, detail, failed_count
       from taken
     returning channel_id as "channelId", key as step`,
    [now ?? null, limitMs, suspends],
  );
  return rows;
}

const whenReached = warningPercents
  .toReversed()
  .map(
    (percent) =>
      `when h.last_failure_at - h.failing_since >= $2::float8 * ${percent / 100} * interval '1 ms' then ${percent}`,
  )
  .join(" ");
