import type { Db } from "#lib/db.ts";
import type { Grant, GrantEntry, GrantState } from "./schema.ts";

const listMax = 200;

const fields = {
  id: true,
  state: true,
  company: true,
  contact: true,
  reason: true,
  appliedAt: true,
  decidedAt: true,
  decisionNote: true,
  appliedBy: { select: { name: true } },
} as const;

/** The newest application of a channel, or null. Index: notification_grants (channel_id, applied_at). */
export async function findGrant(db: Db, channelId: string): Promise<Grant | null> {
  const row = await db.notificationGrant.findFirst({
    where: { channelId },
    orderBy: { appliedAt: "desc" },
    select: fields,
  });
  return row === null ? null : { ...row, appliedBy: row.appliedBy?.name ?? null };
}

/** Up to 200 applications in one state, the pending ones oldest first, the others newest first; for operators only. */
export async function listGrants(db: Db, state: GrantState): Promise<GrantEntry[]> {
  const rows = await db.notificationGrant.findMany({
    where: { state },
    orderBy: { appliedAt: state === "pending" ? "asc" : "desc" },
    take: listMax,
    select: {
      ...fields,
      channelId: true,
      decidedBy: { select: { name: true } },
      channel: { select: { name: true, provider: { select: { name: true } } } },
    },
  });
  return rows.map(({ channel, appliedBy, decidedBy, ...row }) => ({
    ...row,
    appliedBy: appliedBy?.name ?? null,
    decidedBy: decidedBy?.name ?? null,
    channelName: channel.name,
    providerName: channel.provider.name,
  }));
}
