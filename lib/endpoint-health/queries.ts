import type { Db } from "#lib/db.ts";
import type { EndpointHealth, PastOutage } from "./schema.ts";

/** How a channel's bot server stands; an unknown channel and one that never failed are delivering. */
export async function findEndpointHealth(db: Db, channelId: string): Promise<EndpointHealth> {
  const row = await db.endpointHealth.findUnique({
    where: { channelId },
    select: {
      failingSince: true,
      lastFailureAt: true,
      failedCount: true,
      reason: true,
      detail: true,
      suspendedAt: true,
      recoveredAt: true,
      recoveredSince: true,
      recoveredCount: true,
    },
  });
  if (row === null) return { state: "delivering", recovered: null };
  const { failingSince: since, suspendedAt, lastFailureAt, failedCount, reason, detail } = row;
  if (since === null) return { state: "delivering", recovered: toPastOutage(row) };
  const outage = { since, lastFailureAt, failedCount, reason, detail };
  return suspendedAt === null
    ? { state: "failing", ...outage }
    : { state: "suspended", suspendedAt, ...outage };
}

function toPastOutage(row: {
  recoveredAt: Date | null;
  recoveredSince: Date | null;
  recoveredCount: number | null;
}): PastOutage | null {
  const { recoveredAt, recoveredSince: since, recoveredCount: failedCount } = row;
  if (recoveredAt === null || since === null || failedCount === null) return null;
  return { since, recoveredAt, failedCount };
}
