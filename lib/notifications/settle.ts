import type { PoolClient } from "pg";
import { v7 as newId } from "uuid";
import { writeAlerts } from "#lib/alerts/write-alerts.ts";
import { findRecipients } from "./find-recipients.ts";
import { paceNotification, type Verdict } from "./pace.ts";
import { readApprovals } from "./read-approvals.ts";
import { readOutages } from "./read-outages.ts";
import type { ClosingOptions, NotificationPolicy, SettledNotification } from "./schema.ts";

/** Notifications settled in one transaction. */
export const settledMax = 200;

type Judged = SettledNotification & { verdict: Verdict };

/**
 * Settles what can change no more: whether people are told, and if so who, written down as notices and alerts in the
 * transaction of the caller. Returns how many were settled; fewer than `settledMax` means that there are no more.
 *
 * Mails follow a little after the end of a window (a twentieth of its length, at most 15 s): failures are recorded seconds
 * after they happen, and until then they are still counted into the window.
 */
export async function settleNotifications(
  client: PoolClient,
  options: ClosingOptions,
): Promise<number> {
  const settled = await claimSettled(client, options.now);
  if (settled.length === 0) return 0;
  const judged = await judge(client, settled, options.policy);
  const audienceless = await writeNotices(client, judged, options.now);
  for (const one of judged) {
    if (audienceless.has(one.id)) one.verdict.untold = "nobody";
  }
  await markSettled(client, judged, options.now);
  await writeAlerts(client, judged.filter(isToldAtAll), options);
  return settled.length;
}

/** Alert targets hear of it even when no address does. */
const isToldAtAll = ({ verdict, type }: Judged): boolean =>
  type !== "test" && (verdict.untold === null || verdict.untold === "nobody");

/** Through the index on (mailed_at, closed_at); the rows stay locked until the transaction ends. */
async function claimSettled(
  client: PoolClient,
  now: Date | undefined,
): Promise<SettledNotification[]> {
  const { rows } = await client.query<SettledNotification>(
    `select id, channel_id as "channelId", type, key, detected_at as "detectedAt", closed_at as "closedAt",
            reason, detail, error_count as "errorCount"
       from notifications
      where mailed_at is null and closed_at <= coalesce($1::timestamptz, now())
        and closed_at + least(interval '15 seconds', (closed_at - detected_at) / 20) <= coalesce($1::timestamptz, now())
      order by closed_at, id limit $2 for update skip locked`,
    [now ?? null, settledMax],
  );
  return rows;
}

async function judge(
  client: PoolClient,
  settled: readonly SettledNotification[],
  policy: NotificationPolicy,
): Promise<Judged[]> {
  const channelIds = [...new Set(settled.map((one) => one.channelId))];
  const outages = await readOutages(client, channelIds);
  const approvals = await readApprovals(client, channelIds, policy);
  const pausesMs = policy.reminderPausesMs;
  return settled.map((one) => {
    const approvedAt = approvals.get(one.channelId) ?? null;
    return { ...one, verdict: paceNotification(outages, one, { approvedAt, pausesMs }) };
  });
}

/** Returns the notifications that nobody wants or may get. */
async function writeNotices(
  client: PoolClient,
  judged: readonly Judged[],
  now: Date | undefined,
): Promise<Set<string>> {
  const told = judged.filter(({ verdict }) => verdict.untold === null);
  const audiences = await findRecipients(client, [...new Set(told.map((one) => one.channelId))]);
  const notices = told.flatMap((one) =>
    (audiences.get(one.channelId)?.recipients ?? [])
      .filter(({ mutedTypes }) => !mutedTypes.includes(one.type))
      .map((recipient) => ({ notification: one, recipient })),
  );
  await client.query(
    `insert into notices (id, notification_id, channel_id, address, address_key, locale, time_zone, created_at)
     select id, notification_id, channel_id, address, address_key, locale, time_zone, coalesce($8::timestamptz, now())
       from unnest($1::uuid[], $2::uuid[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[])
         as n(id, notification_id, channel_id, address, address_key, locale, time_zone)
     on conflict (notification_id, address_key) do nothing`,
    [
      notices.map(() => newId()),
      notices.map(({ notification }) => notification.id),
      notices.map(({ notification }) => notification.channelId),
      notices.map(({ recipient }) => recipient.address),
      notices.map(({ recipient }) => recipient.key),
      notices.map(({ recipient }) => recipient.locale),
      notices.map(({ recipient }) => recipient.timeZone),
      now ?? null,
    ],
  );
  const reached = new Set(notices.map(({ notification }) => notification.id));
  return new Set(told.map((one) => one.id).filter((id) => !reached.has(id)));
}

async function markSettled(
  client: PoolClient,
  judged: readonly Judged[],
  now: Date | undefined,
): Promise<void> {
  await client.query(
    `update notifications n
        set mailed_at = coalesce($6::timestamptz, now()), thread_id = v.thread_id, untold = v.untold,
            reminds_of = v.reminds_of, held_count = v.held_count
       from unnest($1::uuid[], $2::uuid[], $3::text[], $4::timestamptz[], $5::int[])
         as v(id, thread_id, untold, reminds_of, held_count)
      where n.id = v.id`,
    [
      judged.map(({ id }) => id),
      judged.map(({ verdict }) => verdict.threadId),
      judged.map(({ verdict }) => verdict.untold),
      judged.map(({ verdict }) => verdict.reminder?.since ?? null),
      judged.map(({ verdict }) => verdict.reminder?.heldCount ?? 0),
      now ?? null,
    ],
  );
}
