import type { Sheet } from "./sheet.ts";
import type { World } from "./world.ts";

/** Row by row what `judgeErrors` compares in sums: each count made anew from the attempts themselves. */
export async function judgeRows({ none, list }: Sheet, world: World): Promise<void> {
  const counting = world.channels.filter(({ counts }) => counts).map(({ id }) => id);
  for (const [what, question] of Object.entries(questions)) {
    none(what, await list(question, counting));
  }
}

/** Failures of the channels that count; the first of a webhook is the first that was recorded. */
const failures = `
  failures as (
    select *, attempt = min(attempt) over (partition by webhook_id) as is_first
      from webhook_attempts where channel_id = any($1))`;

const questions = {
  "single errors that differ from their attempt": `
    with ${failures}
    select coalesce(f.webhook_id, e.webhook_id)::text as id, f.attempt, e.attempt as counted
      from failures f full join webhook_errors e using (webhook_id, attempt)
     where (f.channel_id, f.reason, f.detail, f.status_code, f.started_at, f.is_first)
           is distinct from (e.channel_id, e.reason, e.detail, e.status_code, e.occurred_at, e.is_first)`,
  "minute rows that differ from their attempts": `
    with ${failures},
    made as (
      select channel_id, date_trunc('minute', started_at, 'UTC') as minute, reason, detail, min(status_code) as status,
             count(*) as n, count(*) filter (where is_first) as firsts, min(started_at) as first_at, max(started_at) as last_at
        from failures group by 1, 2, 3, 4)
    select channel_id, minute, reason, detail, m.n, r.error_count as counted
      from made m full join error_rows r using (channel_id, minute, reason, detail)
     where (m.n, m.firsts, m.status, m.first_at, m.last_at)
           is distinct from (r.error_count, r.first_attempt_count, r.status_code, r.first_at, r.last_at)`,
  "hours that differ from their attempts": `
    with ${failures},
    made as (
      select channel_id, date_trunc('hour', started_at, 'UTC') as hour, reason, detail, count(*) as n,
             count(*) filter (where is_first) as firsts, min(started_at) as first_at, max(started_at) as last_at
        from failures group by 1, 2, 3, 4)
    select channel_id, hour, reason, detail, m.n, h.error_count as counted
      from made m full join error_hours h using (channel_id, hour, reason, detail)
     where (m.n, m.firsts, m.first_at, m.last_at)
           is distinct from (h.error_count, h.first_attempt_count, h.first_at, h.last_at)`,
  "minutes of deliveries that differ from the log": delivered("minute"),
  "hours of deliveries that differ from the log": delivered("hour"),
};

function delivered(span: "minute" | "hour"): string {
  return `
    with made as (
      select channel_id, date_trunc('${span}', started_at, 'UTC') as ${span}, count(*) as n
        from webhooks where state = 'delivered' and channel_id = any($1) group by 1, 2)
    select channel_id, ${span}, m.n, d.delivered_count as counted
      from made m full join delivered_${span}s d using (channel_id, ${span})
     where m.n is distinct from d.delivered_count`;
}
