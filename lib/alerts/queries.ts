import type { Db } from "#lib/db.ts";
import { knownKind } from "#lib/notifications/alert-kinds.ts";
import { knownType } from "#lib/notifications/schema.ts";
import type { SentAlert, TargetEntry } from "./target-form.ts";

const alertsShown = 10;

/** The alert targets of a channel, with their newest alerts; there are few. Index: alert_targets (channel_id). */
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
  const entries = await Promise.all(
    rows.map(async ({ _count, kind: name, ...row }) => {
      const kind = knownKind(name);
      if (kind === null) return [];
      const alerts = await listAlerts(db, row.id);
      return [{ ...row, kind, waitingCount: _count.alerts, alerts }];
    }),
  );
  return entries.flat();
}

/** Index: alerts (target_id, created_at). */
async function listAlerts(db: Db, targetId: string): Promise<SentAlert[]> {
  const rows = await db.alert.findMany({
    where: { targetId },
    orderBy: { createdAt: "desc" },
    take: alertsShown,
    select: {
      ...{ id: true, state: true, createdAt: true, triedAt: true, attempts: true },
      ...{ statusCode: true, answer: true, lastError: true, resolves: true },
      notification: { select: { type: true } },
    },
  });
  return rows.map(({ notification, resolves, ...row }) => ({
    ...row,
    isResolve: resolves !== null,
    type: notification === null ? "test" : knownType(notification.type),
  }));
}
