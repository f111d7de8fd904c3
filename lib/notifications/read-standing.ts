import type { Pool } from "pg";
import { ceasedSince, readCeases } from "#lib/endpoint-health/ceased.ts";
import { readMuted } from "#lib/problems/read-muted.ts";
import { poolTime } from "#lib/time/database-time.ts";
import { findBelow } from "./find-below.ts";
import { findEarly } from "./find-early.ts";
import { findRecipients, type Recipient } from "./find-recipients.ts";
import { heldUntil } from "./hold.ts";
import { kindOf } from "./outage.ts";
import { paceNotification, pauseEnd, type Verdict } from "./pace.ts";
import { planMails, urgentWaitMs, type WaitingNotice } from "./plan-mails.ts";
import { readApprovals } from "./read-approvals.ts";
import { readOutages } from "./read-outages.ts";
import { readStandings, type Standing } from "./read-waiting.ts";
import type { NotificationPolicy, SettledNotification } from "./schema.ts";
import {
  type BelowThreshold,
  errorMailTypes,
  type HeldMails,
  heldMailsOf,
  lastMailOf,
  type MailBarrier,
  type MailStanding,
  type NextMail,
  nextAs,
  reminderStart,
  settledAt,
} from "./standing.ts";
import { withoutMuted } from "./without-muted.ts";

type Client = Pick<Pool, "query">;
type Asked = { channelId: string; policy: NotificationPolicy; now: Date };

/**
 * How a channel stands to its error mails now: whether they are sent at all, what became of the newest one, and when the next
 * comes if errors go on. What comes next is asked of the functions that will decide it (`paceNotification`, `planMails`).
 * `now`: the database's clock when absent.
 */
export async function readMailStanding(
  client: Client,
  channelId: string,
  policy: NotificationPolicy,
  now?: Date,
): Promise<MailStanding> {
  const asked = { channelId, policy, now: now ?? (await poolTime(client)) };
  const [approvals, audiences] = await Promise.all([
    readApprovals(client, [channelId], policy),
    findRecipients(client, [channelId]),
  ]);
  const approvedAt = approvals.get(channelId);
  if (approvedAt === undefined) return barred(await readRefusal(client, channelId));
  const { recipients = [], unsubscribed = [] } = audiences.get(channelId) ?? {};
  const stopped = await readStopped(client, [...recipients.map(({ key }) => key), ...unsubscribed]);
  const readers = recipients.filter(({ key }) => !stopped.has(key));
  const listening = readers.filter((one) => errorMailTypes.some((type) => wants(one, type)));
  if (listening.length === 0) {
    // Some would get them if they had not turned them off.
    const isOff = readers.length > 0 || unsubscribed.some((key) => !stopped.has(key));
    return barred({ why: isOff ? "off" : "nobody" });
  }
  const [last, { next, below }, held] = await Promise.all([
    readLastMail(client, channelId),
    findNextMail(client, asked, { approvedAt, readers: listening }),
    readHeld(client, asked, listening),
  ]);
  // Of its kind it may be the first; for who reads it, it is not.
  const isFirst = next?.as !== "first" || last === null;
  return { barrier: null, last, next: isFirst ? next : { ...next, as: "news" }, below, held };
}

const barred = (barrier: MailBarrier): MailStanding => ({
  ...{ barrier, last: null, next: null, below: null, held: null },
});

const wants = ({ mutedTypes }: Recipient, type: SettledNotification["type"]): boolean =>
  !mutedTypes.includes(type);

/** Those of the addresses, see addressKey, that mail servers refuse. Index: the primary key of suppressed_addresses. */
async function readStopped(client: Client, keys: readonly string[]): Promise<Set<string>> {
  const { rows } = await client.query<{ key: string }>(
    "select address_key as key from suppressed_addresses where address_key = any($1)",
    [keys],
  );
  return new Set(rows.map(({ key }) => key));
}

/** Index: notification_grants (channel_id, applied_at). */
async function readRefusal(client: Client, channelId: string): Promise<MailBarrier> {
  const { rows } = await client.query<{ state: string; at: Date }>(
    `select state::text, coalesce(decided_at, applied_at) as at from notification_grants
      where channel_id = $1 order by applied_at desc limit 1`,
    [channelId],
  );
  const [grant] = rows;
  if (grant === undefined) return { why: "not_applied" };
  const why = (["rejected", "withdrawn"] as const).find((state) => state === grant.state);
  return { why: why ?? "pending", at: grant.at };
}

/**
 * The newest notification of failures of which a mail was written, whatever was held back since. Index: notifications
 * (channel_id, closed_at), back to it: reminders come once a day or oftener while errors go on.
 */
async function readLastMail(client: Client, channelId: string) {
  const { rows } = await client.query<{ state: string; writtenAt: Date; sentAt: Date | null }>(
    `select coalesce(m.state::text, 'waiting') as state, coalesce(m.created_at, w.created_at) as "writtenAt", m.sent_at as "sentAt"
       from (select n.id from notifications n
              where n.channel_id = $1 and n.type = any($2::text[]) and n.settled_at is not null and n.untold is null
                and exists (select from notices w where w.notification_id = n.id and w.mail_id is not null)
              order by n.closed_at desc limit 1) newest
       join notices w on w.notification_id = newest.id
       left join mails m on m.id = w.mail_id
      where m.id is not null or w.told_at is null`,
    [channelId, [...errorMailTypes]],
  );
  return lastMailOf(rows);
}

type Listeners = { approvedAt: Date; readers: readonly Recipient[] };

async function findNextMail(
  client: Client,
  asked: Asked,
  { approvedAt, readers }: Listeners,
): Promise<Pick<MailStanding, "next" | "below">> {
  const { channelId } = asked;
  const [open, muted, waiting, outages, ceases] = await Promise.all([
    readOpen(client, channelId),
    readMuted(client, [channelId]),
    readWaitingNotices(client, asked, readers),
    readOutages(client, [channelId]),
    readCeases(client, [channelId]),
  ]);
  const { windowMs, reminderPausesMs: pausesMs } = asked.policy;
  const hearing = ({ type }: SettledNotification): readonly Recipient[] =>
    readers.filter((reader) => wants(reader, type));
  const leftOf = (one: SettledNotification) => withoutMuted(one, muted.get(channelId));
  const judge = (of: typeof outages, one: SettledNotification, isBelow: boolean): Verdict => {
    const ceased = ceasedSince(one, ceases.get(channelId) ?? [], windowMs);
    const { left, isMuted } = leftOf(one);
    return paceNotification(of, left, {
      ...{ approvedAt, hasAudience: hearing(one).length > 0, ceasedSince: ceased },
      ...{ pausesMs, windowMs, isMuted, isBelow },
    });
  };
  const early = await findEarly(client, asked, open);
  // What ends early is told whatever the threshold.
  const isEarly =
    early !== null && judge(structuredClone(outages), early, false).toldAs === "ceased";
  const ends = isEarly ? inOrder([...open.filter(({ id }) => id !== early.id), early]) : open;
  const belowBy = await findBelow(
    client,
    ends.map((one) => leftOf(one).left),
  );
  const below: BelowThreshold[] = [];
  const coming = ends.flatMap((one): Coming[] => {
    const threshold = belowBy.get(one.id);
    const { untold, toldAs } = judge(outages, one, threshold !== undefined);
    if (untold === "below_threshold" && threshold !== undefined) {
      below.push({ kind: threshold.kind, value: threshold.value, windowMs });
    }
    const isUrgent = toldAs === "ceased";
    if (toldAs !== null) {
      const at = settledAt(one, asked.policy);
      return [{ as: nextAs(toldAs), at, isUrgent, readers: hearing(one) }];
    }
    const telling = outages.get(channelId)?.tellings.get(kindOf(one));
    if (untold !== "reminder_pause" || telling?.lastToldAt == null) return [];
    const { toldCount, lastToldAt } = telling;
    const pauseEndsAt = pauseEnd({ toldCount, lastToldAt }, pausesMs);
    const startsAt = reminderStart(one.closedAt, pauseEndsAt, windowMs);
    const closedAt = new Date(startsAt.getTime() + windowMs);
    const at = settledAt({ closedAt }, asked.policy);
    return [{ as: "reminder", at, isUrgent, readers: hearing(one) }];
  });
  const chances = await Promise.all([
    mailOfWaiting(client, asked, waiting, readers),
    mailOfComing(client, asked, earliest(coming)),
    // May come in quiet hours that hold what would be earlier.
    mailOfComing(client, asked, earliest(coming.filter(({ isUrgent }) => isUrgent))),
  ]);
  const next = earliest(chances.filter((one) => one !== null));
  return { next, below: next === null ? (below[0] ?? null) : null };
}

const inOrder = (all: readonly SettledNotification[]): SettledNotification[] =>
  all.toSorted((a, b) => a.closedAt.getTime() - b.closedAt.getTime());

/** What is told next, and to whom, if nothing holds it up. */
type Coming = NextMail & { isUrgent: boolean; readers: readonly Recipient[] };
type Waiting = WaitingNotice & { key: string };

const earliest = <One extends { at: Date }>(all: readonly One[]): One | null =>
  all.toSorted((a, b) => a.at.getTime() - b.at.getTime())[0] ?? null;

async function mailOfWaiting(
  client: Client,
  { policy, now }: Asked,
  waiting: readonly Waiting[],
  readers: readonly Recipient[],
): Promise<NextMail | null> {
  if (waiting.length === 0) return null;
  const keys = waiting.map(({ key }) => key);
  const standings = await readStandings(client, keys, { now, policy });
  const times = waiting.flatMap(({ key, ...notice }) => {
    const standing = standings.get(key);
    const reader = readers.find((one) => one.key === key);
    if (standing === undefined || reader === undefined) return [];
    return { at: outsideQuiet(writtenAt(notice, standing, now, policy), notice, reader, policy) };
  });
  const first = earliest(times);
  return first && { as: "digest", at: first.at };
}

async function mailOfComing(
  client: Client,
  { channelId, policy }: Asked,
  coming: Coming | null,
): Promise<NextMail | null> {
  if (coming === null) return null;
  const { as, at, isUrgent, readers } = coming;
  const notice = { id: "", channelId, type: "error_detected" as const, createdAt: at, isUrgent };
  const keys = readers.map(({ key }) => key);
  const standings = await readStandings(client, keys, { now: at, policy });
  const times = readers.flatMap((reader) => {
    const standing = standings.get(reader.key);
    if (standing === undefined) return [];
    // The channel itself is among those that are not settled yet, and will be by then.
    const unsettledChannels = Math.max(0, standing.unsettledChannels - 1);
    const time = writtenAt(notice, { ...standing, unsettledChannels }, at, policy);
    return { at: outsideQuiet(time, notice, reader, policy) };
  });
  const first = earliest(times);
  return first && { as, at: first.at };
}

/** The end of the quiet hours that a mail would come in. */
const outsideQuiet = (
  at: Date,
  notice: WaitingNotice,
  reader: Recipient,
  policy: NotificationPolicy,
): Date => heldUntil(notice, reader, policy, at) ?? at;

/** When a mail of one notice is written to an address, from `from` on: at once, or as the caps and digests let it. */
function writtenAt(
  notice: WaitingNotice,
  standing: Standing,
  from: Date,
  policy: NotificationPolicy,
): Date {
  const gathered = notice.createdAt.getTime() + policy.windowMs;
  const ofUrgent = notice.createdAt.getTime() + urgentWaitMs(policy);
  const digestAt = (standing.lastDigestAt?.getTime() ?? 0) + policy.digestPauseMs;
  const chances = [from.getTime(), ofUrgent, gathered, Math.max(gathered, digestAt)]
    .filter((time) => time >= from.getTime())
    .map((time) => new Date(time));
  const isWritten = (now: Date): boolean => {
    const { single, digest } = planMails({ ...standing, now, notices: [notice] }, policy);
    return single.length + digest.length > 0;
  };
  return chances.find(isWritten) ?? chances.at(-1) ?? from;
}

/** What is not settled yet, oldest first: closed a moment ago, or still counted into. Indexes as in count-failures.ts. */
async function readOpen(client: Client, channelId: string): Promise<SettledNotification[]> {
  const { rows } = await client.query<SettledNotification>(
    `select gen_random_uuid()::text as id, channel_id as "channelId", type, key, opened_at as "detectedAt",
            closes_at as "closedAt", reason, detail, error_count as "errorCount", last_at as "lastAt", reasons,
            null::timestamptz as "earlySince"
       from notification_windows where channel_id = $1 and error_count > 0
      union all
     select id::text, channel_id, type, key, detected_at, closed_at, reason, detail, error_count, last_at, reasons, early_since
       from notifications where settled_at is null and channel_id = $1 and type = any($2::text[])
      order by "closedAt"`,
    [channelId, [...errorMailTypes]],
  );
  return rows;
}

/** Readers in whose quiet hours it is, and when they end. */
const quietReaders = (readers: readonly Recipient[], policy: NotificationPolicy, now: Date) =>
  readers.flatMap((reader) => {
    const until = heldUntil({ type: "error_detected", isUrgent: false }, reader, policy, now);
    return until === null ? [] : [{ key: reader.key, until }];
  });

/** For whom something is held, as the hours are now. Index: notices (address_key, told_at). */
async function readHeld(
  client: Client,
  { channelId, policy, now }: Asked,
  readers: readonly Recipient[],
): Promise<HeldMails | null> {
  const quiet = quietReaders(readers, policy, now);
  if (quiet.length === 0) return null;
  const { rows } = await client.query<{ key: string }>(
    `select k.key from unnest($2::text[]) k (key)
      where exists (select from notices w join notifications n on n.id = w.notification_id
                     where w.told_at is null and w.look_again_at is not null and w.address_key = k.key
                       and w.channel_id = $1 and n.type = any($3::text[]))`,
    [channelId, quiet.map(({ key }) => key), [...errorMailTypes]],
  );
  const held = new Set(rows.map(({ key }) => key));
  return heldMailsOf(quiet.filter(({ key }) => held.has(key)).map(({ until }) => until));
}

/** What waits for a mail already and is not held: one has been reached, or a digest gathers. Index: notices (address_key, told_at). */
async function readWaitingNotices(
  client: Client,
  { channelId, policy, now }: Asked,
  readers: readonly Recipient[],
): Promise<Waiting[]> {
  const { rows } = await client.query<Waiting>(
    `select distinct on (w.address_key) w.address_key as key, w.id, w.channel_id as "channelId", n.type,
            w.created_at as "createdAt",
            n.told_as is not distinct from 'ceased' or (n.type = 'endpoint_failing' and n.key = 'suspended') as "isUrgent"
       from notices w join notifications n on n.id = w.notification_id
      where w.told_at is null and w.address_key = any($2) and w.channel_id = $1 and n.type = any($3::text[])
        and (w.look_again_at is null or w.address_key <> all($4))
      order by w.address_key, w.created_at`,
    [
      ...[channelId, readers.map(({ key }) => key), [...errorMailTypes]],
      quietReaders(readers, policy, now).map(({ key }) => key),
    ],
  );
  return rows;
}
