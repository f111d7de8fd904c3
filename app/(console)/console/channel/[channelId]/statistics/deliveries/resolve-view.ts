import type { SessionUser } from "#lib/accounts/schema.ts";
import type { LogFilter } from "#lib/delivery-log/filter.ts";
import { resolveQuestion } from "#lib/delivery-log/resolve-question.ts";
import { env } from "#lib/env.ts";
import { canonicalZone } from "#lib/time/zones.ts";
import { consoleTime } from "#lib/web/time.ts";
import { resolveRange } from "#lib/webhook-errors/range.ts";

/** What an address asks of a channel's log, in the person's zone, within what is kept. */
export async function resolveView(channelId: string, filter: LogFilter, user: SessionUser) {
  const now = await consoleTime();
  const retentionDays = env().retentionDays.log;
  const ownZone = canonicalZone(user.timeZone ?? env().displayTimeZone) ?? "UTC";
  const timeZone = filter.zone ?? ownZone;
  const range = resolveRange(filter.range, now, { retentionDays, timeZone });
  const resolved = resolveQuestion(channelId, filter, range, { now, retentionDays });
  return { ...resolved, range, retentionDays, ownZone, timeZone, now };
}
