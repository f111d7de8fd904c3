import type { PoolClient } from "pg";
import type { ErrorReason } from "#lib/transport/error-class.ts";
import { shownAfterFailureSql } from "./shown.ts";

export type FailedAttempt = {
  channelId: string;
  startedAt: Date;
  reason: ErrorReason;
  detail: string;
};

type Group = { channelId: string; firstAt: Date; last: FailedAttempt; count: number };

/**
 * Notes failed attempts in the health of their channels, in the caller's open transaction: one statement however many
 * there are, rows locked in the order of their keys. Should be the transaction's last statement, since every worker that
 * records for the same channel waits for these locks.
 *
 * Attempts overlap and are recorded in any order. Those that started before the channel was last found delivering
 * (`judged_until`) count for nothing; where some of a call did and some did not, only the last is counted. A failure that
 * started earlier moves the beginning back until the row is settled, see `settle.ts`.
 */
export async function noteFailures(
  client: PoolClient,
  failed: readonly FailedAttempt[],
): Promise<void> {
  const groups = groupByChannel(failed);
  if (groups.length === 0) return;
  await client.query({
    name: "note_failures",
    text: `insert into endpoint_health as h (channel_id, failing_since, last_failure_at, failed_count, reason, detail)
           select * from unnest($1::text[], $2::timestamptz[], $3::timestamptz[], $4::int[], $5::error_reason[], $6::text[])
           on conflict (channel_id) do update
              set failing_since = ${next.failingSince},
                  failed_count = ${next.failedCount},
                  last_failure_at = ${next.lastFailureAt},
                  ${shownAfterFailureSql(next)},
                  reason = case when excluded.last_failure_at >= h.last_failure_at then excluded.reason else h.reason end,
                  detail = case when excluded.last_failure_at >= h.last_failure_at then excluded.detail else h.detail end
            where h.judged_until is null or excluded.last_failure_at > h.judged_until`,
    values: [
      groups.map((group) => group.channelId),
      groups.map((group) => group.firstAt),
      groups.map((group) => group.last.startedAt),
      groups.map((group) => group.count),
      groups.map((group) => group.last.reason),
      groups.map((group) => group.last.detail),
    ],
  });
}

/** What the row becomes. */
const next = {
  failingSince: `case when h.is_settled then h.failing_since
                      when excluded.failing_since > coalesce(h.judged_until, '-infinity')
                      then least(h.failing_since, excluded.failing_since)
                      else least(h.failing_since, excluded.last_failure_at) end`,
  failedCount: `(h.failed_count + case when excluded.failing_since > coalesce(h.judged_until, '-infinity')
                                       then excluded.failed_count else 1 end)`,
  lastFailureAt: "greatest(h.last_failure_at, excluded.last_failure_at)",
};

function groupByChannel(failed: readonly FailedAttempt[]): Group[] {
  const groups = new Map<string, Group>();
  for (const attempt of failed) {
    const { channelId, startedAt } = attempt;
    const group = groups.get(channelId);
    if (group === undefined) {
      groups.set(channelId, { channelId, firstAt: startedAt, last: attempt, count: 1 });
      continue;
    }
    group.count += 1;
    if (startedAt < group.firstAt) group.firstAt = startedAt;
    if (startedAt >= group.last.startedAt) group.last = attempt;
  }
  return [...groups.values()].sort((a, b) => (a.channelId < b.channelId ? -1 : 1));
}
