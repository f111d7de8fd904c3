import type { Pool } from "pg";
import type { ChannelView } from "./facts.ts";

/** What other attempts of these channels saw; a channel that was not looked up is absent. */
export type ChannelViews = (
  channelIds: readonly string[],
) => Promise<ReadonlyMap<string, ChannelView>>;

/** A view this old is looked up again. */
const freshMs = 10_000;
/** Looked up in one call, so that a storm over many channels is not slowed down by its explanations. */
const lookUpsMax = 32;
const keptMax = 5_000;
const errorsMax = 50;
const auditEntriesMax = 200;

/**
 * Views of a process's channels, each kept for some seconds. Never rejects: where a look-up fails, and above its bound,
 * causes are chosen with what is known, as nothing may hold up the record of an attempt.
 */
export function createChannelViews(
  pool: Pool,
  onError: (error: unknown) => void,
  now: () => number = () => performance.now(),
): ChannelViews {
  const kept = new Map<string, { view: ChannelView; at: number }>();
  return async (channelIds) => {
    const wanted = [...new Set(channelIds)];
    const isFresh = (id: string): boolean =>
      now() - (kept.get(id)?.at ?? Number.NEGATIVE_INFINITY) < freshMs;
    const missing = wanted.filter((id) => !isFresh(id)).slice(0, lookUpsMax);
    if (missing.length > 0) {
      if (kept.size >= keptMax) kept.clear();
      const found = await lookUp(pool, missing).catch((error: unknown) => {
        onError(error);
        return [];
      });
      for (const { id, ...view } of found) kept.set(id, { view, at: now() });
    }
    return new Map(
      wanted.flatMap((id) => {
        const view = kept.get(id)?.view;
        return view === undefined ? [] : [[id, view] as const];
      }),
    );
  };
}

type Row = Omit<ChannelView, "recent"> & { id: string } & ChannelView["recent"];

async function lookUp(
  pool: Pool,
  channelIds: readonly string[],
): Promise<(ChannelView & { id: string })[]> {
  const { rows } = await pool.query<Row>({
    name: "channel_views",
    text: viewsSql,
    values: [channelIds, errorsMax, auditEntriesMax, Buffer.from(haproxyPage)],
  });
  return rows.map(({ delivered, failed, timedOut, ...row }) => ({
    ...row,
    recent: { delivered, failed, timedOut },
  }));
}

const haproxyPage = "<html><body><h1>503 Service Unavailable</h1>\nNo server is available";

/**
 * Per channel: its health by primary key; the newest 50 errors of the last hour (primary key of webhook_errors) with the
 * HAProxy page among their answers (primary key of webhook_attempts); the minutes of the last hour and the newest one
 * (primary key of delivered_minutes), or where nothing is counted the newest 50 of the log; and the newest 200 audit
 * entries (index on channel_id, id) for a change of the secret, which an overlap that ended is too.
 */
const viewsSql = `
  select asked.id, h.failing_since as "failingSince", coalesce(h.failed_count, 0) as "failedCount", h.detail as "lastDetail",
         h.last_failure_at as "lastFailedAt", coalesce(counted.minute, logged.at) as "lastDeliveredAt",
         greatest(issued.at, case when c.next_secret_from <= now() then c.next_secret_from end) as "secretChangedAt",
         errors.others as "otherDetailsCount", errors.failed, errors.timed_out as "timedOut",
         errors.haproxy as "hasSeenHaproxy", minutes.delivered
    from unnest($1::text[]) as asked (id)
    join channels c on c.id = asked.id
    left join endpoint_health h on h.channel_id = asked.id
    left join lateral (
      select max(minute) as minute from delivered_minutes where channel_id = asked.id
    ) counted on true
    left join lateral (
      select max(w.started_at) as at
        from (select state, started_at from webhooks where channel_id = asked.id order by accepted_at desc limit $2) w
       where counted.minute is null and w.state = 'delivered'
    ) logged on true
    left join lateral (
      select max(a.at) as at
        from (select action, at from audit_entries where channel_id = asked.id order by id desc limit $3) a
       where a.action in ('secret_issued', 'secret_switched')
    ) issued on true
    cross join lateral (
      select count(*)::int as failed, count(*) filter (where e.reason = 'request_timeout')::int as timed_out,
             count(*) filter (where e.detail <> h.detail and e.occurred_at >= h.failing_since)::int as others,
             coalesce(bool_or(e.is_haproxy), false) as haproxy, min(e.occurred_at) as oldest_at
        from (select w.reason, w.detail, w.occurred_at,
                     w.status_code = 503 and exists (
                       select from webhook_attempts a
                        where a.webhook_id = w.webhook_id and a.attempt = w.attempt and a.started_at = w.occurred_at
                          and substr(a.response_body, 1, length($4::bytea)) = $4::bytea) as is_haproxy
                from webhook_errors w
               where w.channel_id = asked.id and w.occurred_at > now() - interval '1 hour'
               order by w.occurred_at desc limit $2) e
    ) errors
    cross join lateral (
      select coalesce(sum(m.delivered_count), 0)::int as delivered from delivered_minutes m
       where m.channel_id = asked.id and m.minute > now() - interval '1 hour'
         and m.minute >= date_trunc('minute', coalesce(errors.oldest_at, now()), 'UTC')
    ) minutes`;
