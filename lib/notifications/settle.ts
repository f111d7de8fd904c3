import type { PoolClient } from "pg";
import { v7 as newId } from "uuid";
import { ceasedSince, readCeases } from "#lib/endpoint-health/ceased.ts";
import { readMuted } from "#lib/problems/read-muted.ts";
import { findBelow } from "./find-below.ts";
import { type Audience, findRecipients, type Recipient } from "./find-recipients.ts";
import { newsOf } from "./news.ts";
import { paceNotification, type Verdict } from "./pace.ts";
import { readApprovals } from "./read-approvals.ts";
import { keepOutages, readOutages } from "./read-outages.ts";
import { mustWaitSql, settlingOrderSql } from "./recovery-order.ts";
import {
  type ClosingOptions,
  knownTypes,
  type NotificationPolicy,
  type SettledNotification,
  type ToldNotification,
} from "./schema.ts";
import { earlyWaitMs, settleWaitSql } from "./settle-wait.ts";
import { withoutMuted } from "./without-muted.ts";
import { findTargeted, writeAlerts } from "./write-alerts.ts";

/** Notifications settled in one transaction. */
export const settledMax = 200;

type Judged = SettledNotification & { verdict: Verdict };
type Audiences = ReadonlyMap<string, Audience>;
type Outages = Awaited<ReturnType<typeof readOutages>>;

/**
 * Settles what can change no more: whether people are told, and if so who, written down as notices and alerts in the
 * transaction of the caller. Returns how many were settled; fewer than `settledMax` means that there are no more.
 *
 * Mails follow a little after the end of a window (a twentieth of its length, at most 15 s; of one closed early `earlyWaitMs`):
 * failures are recorded seconds after they happen, and until then they are still counted into the window.
 */
export async function settleNotifications(
  client: PoolClient,
  options: ClosingOptions,
): Promise<number> {
  const settled = await claimSettled(client, options);
  if (settled.length === 0) return 0;
  const audiences = await findRecipients(client, channelIdsOf(settled));
  const { judged, outages } = await judge(client, settled, audiences, options.policy);
  await keepOutages(client, outages);
  const told = judged.filter(({ verdict }) => verdict.untold === null);
  await writeNotices(client, told, audiences, options.now);
  await markSettled(client, judged, options.now);
  await writeAlerts(client, told.filter(({ type }) => type !== "test").map(toTold), options);
  return settled.length;
}

const channelIdsOf = (all: readonly SettledNotification[]): string[] => [
  ...new Set(all.map(({ channelId }) => channelId)),
];

const toTold = ({ verdict, ...one }: Judged): ToldNotification => ({
  ...one,
  reminder: verdict.reminder,
  news: newsOf(verdict.toldAs, { ...one, ceasedSince: verdict.ceasedSince }),
});

/** Through the index on (settled_at, closed_at); the rows stay locked until the transaction ends. */
async function claimSettled(
  client: PoolClient,
  { now, policy }: Pick<ClosingOptions, "now" | "policy">,
): Promise<SettledNotification[]> {
  const { rows } = await client.query<SettledNotification>(
    `select id, channel_id as "channelId", type, key, detected_at as "detectedAt", closed_at as "closedAt",
            reason, detail, error_count as "errorCount", last_at as "lastAt", reasons, early_since as "earlySince"
       from notifications n
      where settled_at is null and type = any($3) and closed_at <= coalesce($1::timestamptz, now())
        and closed_at + case when early_since is null then ${settleWaitSql("detected_at", "closed_at")}
                             else $4::float8 * interval '1 ms' end <= coalesce($1::timestamptz, now())
        and not (${mustWaitSql("n", "coalesce($1::timestamptz, now())")})
      order by ${settlingOrderSql("n")}, id limit $2 for update skip locked`,
    [now ?? null, settledMax, knownTypes, earlyWaitMs(policy)],
  );
  return rows;
}

/** Whether and why people are told of each, and what that says of the next ones, which the caller keeps. */
export async function judge(
  client: PoolClient,
  settled: readonly SettledNotification[],
  audiences: Audiences,
  policy: NotificationPolicy,
): Promise<{ judged: Judged[]; outages: Outages }> {
  const channelIds = channelIdsOf(settled);
  const outages = await readOutages(client, channelIds);
  const approvals = await readApprovals(client, channelIds, policy);
  const ceases = await readCeases(client, channelIds);
  const withTargets = await findTargeted(client, channelIds);
  const muted = await readMuted(client, channelIds);
  const { reminderPausesMs: pausesMs, windowMs } = policy;
  const unmuted = settled.map((one) => ({ one, ...withoutMuted(one, muted.get(one.channelId)) }));
  const below = await findBelow(
    client,
    unmuted.map(({ left }) => left),
  );
  const judged = unmuted.map(({ one, left, isMuted }) => {
    const { channelId, type } = one;
    const verdict = paceNotification(outages, left, {
      approvedAt: approvals.get(channelId) ?? null,
      // Alert targets hear of it even when no address does.
      hasAudience:
        (type !== "test" && withTargets.has(channelId)) || readersOf(one, audiences).length > 0,
      ceasedSince: ceasedSince(one, ceases.get(channelId) ?? [], windowMs),
      ...{ pausesMs, windowMs, isMuted, isBelow: below.has(one.id) },
    });
    return { ...one, verdict };
  });
  return { judged, outages };
}

const readersOf = ({ channelId, type }: SettledNotification, audiences: Audiences): Recipient[] =>
  (audiences.get(channelId)?.recipients ?? []).filter(
    ({ mutedTypes }) => !mutedTypes.includes(type),
  );

async function writeNotices(
  client: PoolClient,
  told: readonly Judged[],
  audiences: Audiences,
  now: Date | undefined,
): Promise<void> {
  const notices = told.flatMap((notification) =>
    readersOf(notification, audiences).map((recipient) => ({ notification, recipient })),
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
}

async function markSettled(
  client: PoolClient,
  judged: readonly Judged[],
  now: Date | undefined,
): Promise<void> {
  await client.query(
    `update notifications n
        set settled_at = coalesce($6::timestamptz, now()), thread_id = v.thread_id, untold = v.untold,
            reminds_of = v.reminds_of, held_count = v.held_count, told_as = v.told_as, ceased_since = v.ceased_since
       from unnest($1::uuid[], $2::uuid[], $3::text[], $4::timestamptz[], $5::int[], $7::text[], $8::timestamptz[])
         as v(id, thread_id, untold, reminds_of, held_count, told_as, ceased_since)
      where n.id = v.id`,
    [
      judged.map(({ id }) => id),
      judged.map(({ verdict }) => verdict.threadId),
      judged.map(({ verdict }) => verdict.untold),
      judged.map(({ verdict }) => verdict.reminder?.since ?? null),
      judged.map(({ verdict }) => verdict.reminder?.heldCount ?? 0),
      now ?? null,
      judged.map(({ verdict }) => verdict.toldAs),
      judged.map(({ verdict }) => verdict.ceasedSince),
    ],
  );
}
