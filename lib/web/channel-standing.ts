import { readSlow } from "#lib/answer-times/read.ts";
import { countHealth } from "#lib/channels/health.ts";
import type { Db } from "#lib/db.ts";
import { findDoubtfulHour } from "#lib/delivered-answers/find-doubtful-hour.ts";
import { healthReport } from "#lib/endpoint-health/health-report.ts";
import { findEndpointHealth } from "#lib/endpoint-health/queries.ts";
import type { FailingPolicy } from "#lib/endpoint-health/schema.ts";
import type { ChannelRole } from "#lib/members/schema.ts";

/** How the bot server of a channel stands, as the head of the channel's pages says it; null for an unknown channel. */
export async function readChannelStanding(
  db: Db,
  channelId: string,
  { role, now, policy }: { role: ChannelRole; now: Date; policy: FailingPolicy },
) {
  const [counted, health, doubtfulHour, slow] = await Promise.all([
    countHealth(db, [channelId]),
    findEndpointHealth(db, channelId),
    findDoubtfulHour(db, channelId),
    readSlow(db, channelId, now),
  ]);
  const shown = counted.get(channelId);
  if (shown === undefined) return null;
  return {
    state: shown.state,
    doubtfulHour,
    slow,
    isDoubtful: doubtfulHour !== null,
    failingSince: shown.failingSince,
    report: healthReport(health, role, { policy, now, isShownFailing: shown.state === "failing" }),
  };
}

type Standing = Awaited<ReturnType<typeof readChannelStanding>>;

/**
 * What the head of a channel's pages says, in a text to compare: another one, and it has to be drawn anew. Figures in it that
 * move with every answer are left out. The same for every role that sees errors.
 */
export const standingStamp = (standing: Standing): string =>
  standing === null
    ? ""
    : [
        standing.state,
        standing.failingSince?.getTime() ?? "",
        standing.isDoubtful ? "doubtful" : "",
        standing.slow === null ? "" : "slow",
        standing.report?.kind ?? "",
      ].join(" ");
