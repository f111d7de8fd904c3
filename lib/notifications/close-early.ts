import type { PoolClient } from "pg";
import { ceaseFailuresMin } from "#lib/endpoint-health/ceased.ts";
import { findRecipients } from "./find-recipients.ts";
import type { Verdict } from "./pace.ts";
import type { ClosingOptions, SettledNotification } from "./schema.ts";
import { judge } from "./settle.ts";

/** Channels looked at in one transaction. */
const looksMax = 200;

export type EarlyLook = {
  closed: number;
  /** The last channel looked at; null: there are no more. */
  last: string | null;
};

type Candidate = SettledNotification & { earlySince: Date };
type Options = Pick<ClosingOptions, "now" | "policy">;

/**
 * Closes the windows of channels to which deliveries ceased a moment ago, so that people are told at once and not when the
 * window ends by itself (docs/decisions/0035): nothing has been delivered for `earlyMs`, at least three attempts have failed, the
 * last of them half of that after the first or later, and people would be told so for the first time in this outage. One window
 * a channel: that of its newest error. What fails later falls into the next one.
 *
 * In the caller's transaction, which one worker has at a time, as it settles: what was told does not change in between. Each
 * outage is decided of once, on its locked row; where nobody is to be told yet it is looked at again while a window would last.
 * `after`: a channel ID; looks at those that follow.
 */
export async function closeEarly(
  client: PoolClient,
  after: string,
  options: Options,
): Promise<EarlyLook> {
  const candidates = await listCandidates(client, after, options);
  if (candidates.length === 0) return { closed: 0, last: null };
  const channelIds = candidates.map(({ channelId }) => channelId);
  const audiences = await findRecipients(client, channelIds);
  const { judged } = await judge(client, candidates, audiences, options.policy);
  const told = judged.filter(({ verdict }) => verdict.toldAs === "ceased");
  const decided = judged.filter(({ verdict }) => isDecided(verdict));
  const closed = await close(client, { told, decided }, options);
  return { closed, last: candidates.length === looksMax ? (channelIds.at(-1) ?? null) : null };
}

/** Whether a later look would say the same. A mute may be over by then, and another reason may have come. */
const isDecided = ({ toldAs, untold }: Verdict): boolean =>
  toldAs !== null ||
  untold === "reminder_pause" ||
  untold === "not_approved" ||
  untold === "nobody";

/**
 * The window of its newest error of each channel to which deliveries ceased, as it would be closed now. An outage that began
 * longer ago than a window lasts was told of otherwise. Index: endpoint_health (is_looked_at, failing_since).
 */
async function listCandidates(
  client: PoolClient,
  after: string,
  { now, policy }: Options,
): Promise<Candidate[]> {
  const { rows } = await client.query<Candidate>(
    `select distinct on (h.channel_id) gen_random_uuid()::text as id, h.channel_id as "channelId", w.type, w.key,
            w.opened_at as "detectedAt", coalesce($1::timestamptz, now()) as "closedAt", w.reason, w.detail,
            w.error_count as "errorCount", w.last_at as "lastAt", w.reasons, h.failing_since as "earlySince"
       from endpoint_health h
       join notification_windows w on w.channel_id = h.channel_id and w.type = 'error_detected' and w.error_count > 0
                                  and w.last_at >= h.failing_since and w.closes_at > coalesce($1::timestamptz, now())
      where not h.is_looked_at and ${hasCeasedSql}
        and h.failing_since > coalesce($1::timestamptz, now()) - $3::float8 * interval '1 ms'
        and h.channel_id > $4
      order by h.channel_id, w.last_at desc, w.key limit $5`,
    [now ?? null, policy.earlyMs, policy.windowMs, after, looksMax],
  );
  return rows;
}

/** Of a row of endpoint_health `h`; $1 is now or null, $2 earlyMs. */
const hasCeasedSql = `h.failing_since <= coalesce($1::timestamptz, now()) - $2::float8 * interval '1 ms'
        and h.failed_count >= ${ceaseFailuresMin}
        and h.last_failure_at >= h.failing_since + $2::float8 / 2 * interval '1 ms'`;

type Decisions = { told: readonly SettledNotification[]; decided: readonly SettledNotification[] };

/** Locks as the record step does: windows in the order of their keys, then the health of their channels. */
async function close(
  client: PoolClient,
  { told, decided }: Decisions,
  { now, policy }: Options,
): Promise<number> {
  if (decided.length === 0) return 0;
  await client.query(
    `select from notification_windows w
       join unnest($1::text[], $2::text[]) as t (channel_id, key)
         on w.channel_id = t.channel_id and w.type = 'error_detected' and w.key = t.key
      order by w.channel_id collate "C", w.key collate "C" for update of w`,
    [told.map(({ channelId }) => channelId), told.map(({ key }) => key)],
  );
  const { rows: marked } = await client.query<{ channelId: string; since: Date }>(
    `with held as materialized (
       select h.channel_id from endpoint_health h
        where h.channel_id = any($3) and not h.is_looked_at and ${hasCeasedSql}
        order by h.channel_id for update
     )
     update endpoint_health h set is_looked_at = true from held where h.channel_id = held.channel_id
     returning h.channel_id as "channelId", h.failing_since as since`,
    [now ?? null, policy.earlyMs, decided.map(({ channelId }) => channelId)],
  );
  const sinceOf = new Map(marked.map(({ channelId, since }) => [channelId, since]));
  const ceased = told.filter(({ channelId }) => sinceOf.has(channelId));
  // A failure that began by another machine's clock a moment ahead, or was counted while this waited, still is within.
  const { rowCount } = await client.query(
    `with moved as (
       delete from notification_windows w using unnest($2::text[], $3::text[], $4::timestamptz[]) as t (channel_id, key, since)
        where w.channel_id = t.channel_id and w.type = 'error_detected' and w.key = t.key and w.last_at >= t.since
       returning w.*, t.since
     )
     insert into notifications (id, channel_id, type, key, detected_at, closed_at, reason, detail, error_count, last_at,
                                reasons, early_since)
     select gen_random_uuid(), channel_id, type, key, opened_at,
            least(closes_at, greatest(coalesce($1::timestamptz, now()), last_at + interval '1 ms')), reason, detail,
            error_count, last_at, reasons, since
       from moved`,
    [
      now ?? null,
      ceased.map(({ channelId }) => channelId),
      ceased.map(({ key }) => key),
      ceased.map(({ channelId }) => sinceOf.get(channelId)),
    ],
  );
  return rowCount ?? 0;
}
