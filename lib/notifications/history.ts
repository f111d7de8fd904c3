import { validate as isUuid } from "uuid";
import type { Db } from "#lib/db.ts";
import type { HistoryEntry } from "./history-entry.ts";
import { meaningOf } from "./meaning.ts";
import { findMail } from "./queries.ts";
import { knownType, type MailDetail, untoldReasons } from "./schema.ts";

const pageSize = 20;

/**
 * The notifications of a channel, newest first, 20 a page; `older` is where the next page begins. Index: notifications
 * (channel_id, closed_at). `quietEnds` as readQuietEnds reads them.
 */
export async function listHistory(
  db: Db,
  channelId: string,
  before: Date | null,
  quietEnds: ReadonlyMap<string, Date> = new Map(),
): Promise<{ entries: HistoryEntry[]; older: Date | null }> {
  const rows = await db.notification.findMany({
    where: { channelId, ...(before === null ? {} : { closedAt: { lt: before } }) },
    orderBy: { closedAt: "desc" },
    take: pageSize + 1,
    select: {
      ...{ id: true, type: true, key: true, reason: true, detail: true, errorCount: true },
      ...{ detectedAt: true, closedAt: true, settledAt: true, untold: true },
      notices: {
        orderBy: { address: "asc" },
        take: 50,
        select: {
          ...{ address: true, addressKey: true, toldAt: true, lookAgainAt: true },
          mail: { select: { id: true, state: true, channelId: true } },
        },
      },
      alerts: { take: 10, select: { state: true, target: { select: { name: true } } } },
    },
  });
  const periods = await db.countingPeriod.findMany({
    where: { channelId },
    select: { startedAt: true, endedAt: true },
    orderBy: { startedAt: "desc" },
    take: 1_000,
  });
  const isCounted = ({ detectedAt, closedAt }: { detectedAt: Date; closedAt: Date }): boolean =>
    periods.some(
      ({ startedAt, endedAt }) =>
        startedAt < closedAt && (endedAt === null || endedAt > detectedAt),
    );
  const page = rows.slice(0, pageSize);
  const entries = page.flatMap(
    ({ notices, alerts, untold, key, settledAt, type: name, ...row }) => {
      const type = knownType(name);
      if (type === null) return [];
      return {
        ...row,
        type,
        isCounted: isCounted(row),
        statusCode: meaningOf({ type, key }).statusCode,
        untold: untoldReasons.find((one) => one === untold) ?? null,
        isSettled: settledAt !== null,
        recipients: notices.map(({ address, addressKey, toldAt, lookAgainAt, mail }) => {
          const isHeld = mail === null && toldAt === null && lookAgainAt !== null;
          const heldUntil = isHeld ? (quietEnds.get(addressKey) ?? null) : null;
          const waits = heldUntil === null ? ("waiting" as const) : ("held" as const);
          return {
            address,
            state: mail?.state ?? (toldAt === null ? waits : ("dropped" as const)),
            heldUntil,
            mailId: mail?.channelId === channelId ? mail.id : null,
          };
        }),
        alerts: alerts.map(({ state, target }) => ({ state, name: target.name })),
      };
    },
  );
  return {
    entries,
    older: rows.length > pageSize ? (page.at(-1)?.closedAt ?? null) : null,
  };
}

/** One mail about this channel and no other, rendered content included, or null. */
export async function findChannelMail(
  db: Db,
  channelId: string,
  mailId: string,
): Promise<MailDetail | null> {
  if (!isUuid(mailId)) return null;
  // Without a key: what is sealed belongs to no channel.
  const mail = await findMail(db, null, mailId);
  const isConfirmation = mail?.kind === "confirm_address" || mail?.kind === "application";
  return mail?.channelId === channelId && !isConfirmation ? mail : null;
}
