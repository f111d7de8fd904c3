import type { Db } from "#lib/db.ts";
import type { TargetEntry } from "./target-form.ts";

/** The alert targets of a channel; there are few. Index: alert_targets (channel_id). */
export async function listTargets(db: Db, channelId: string): Promise<TargetEntry[]> {
  const rows = await db.alertTarget.findMany({
    where: { channelId },
    orderBy: { createdAt: "asc" },
    take: 20,
    select: {
      ...{ id: true, kind: true, name: true, host: true },
      ...{ lastSentAt: true, lastFailedAt: true, lastError: true },
      _count: { select: { alerts: { where: { state: { in: ["queued", "sending"] } } } } },
    },
  });
  return rows.map(({ _count, ...row }) => ({ ...row, waitingCount: _count.alerts }));
}
