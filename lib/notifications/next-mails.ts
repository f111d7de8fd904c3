import type { Pool } from "pg";
import { type Cease, ceasedSince, readCeases } from "#lib/endpoint-health/ceased.ts";
import { readMuted } from "#lib/problems/read-muted.ts";
import { type Below, findBelow } from "./find-below.ts";
import { findEarly, readFailing } from "./find-early.ts";
import type { Recipient } from "./find-recipients.ts";
import { heldUntil, quietEnd } from "./hold.ts";
import { kindOf, type Outage } from "./outage.ts";
import { paceNotification, pauseEnd, type Verdict } from "./pace.ts";
import { planMails, urgentWaitMs, type WaitingNotice } from "./plan-mails.ts";
import { readOutages } from "./read-outages.ts";
import { readStandings, type Standing, type StandingAsk } from "./read-waiting.ts";
import type { NotificationPolicy, SettledNotification } from "./schema.ts";
import {
  type BelowThreshold,
  errorMailTypes,
  type Listening,
  type MailStanding,
  type NextMail,
  nextAs,
  reminderStart,
  settledAt,
} from "./standing.ts";
import { withoutMuted } from "./without-muted.ts";

type Client = Pick<Pool, "query">;
type Asked = { policy: NotificationPolicy; now: Date };
type Next = Pick<MailStanding, "next" | "below">;

/** What is told next, and to whom, if nothing holds it up. */
type Coming = NextMail & { isUrgent: boolean; readers: readonly Recipient[] };
type Waiting = WaitingNotice & { key: string };

/** All that decides of one channel, but for how its readers stand to the caps. */
type Known = Listening & {
  ends: readonly SettledNotification[];
  waiting: readonly Waiting[];
  outage: Outage | undefined;
  ceases: readonly Cease[];
  muted: ReadonlySet<string> | undefined;
};

/**
 * The next error mail of each channel if errors go on, and the threshold below which they stay, by channel. What comes is asked of
 * the functions that will decide it (`paceNotification`, `planMails`). As many statements whatever the number of channels.
 */
export async function findNextMails(
  client: Client,
  asked: Asked,
  listening: readonly Listening[],
): Promise<Map<string, Next>> {
  const known = await readKnown(client, asked, listening);
  const belowBy = await findBelow(
    client,
    known.flatMap(({ ends, muted }) => ends.map((one) => withoutMuted(one, muted).left)),
  );
  const chances = known.map((one) => ({ channel: one, ...comingOf(one, asked, belowBy) }));
  const questions = chances.flatMap(({ channel, coming }) => questionsOf(channel, asked, coming));
  const standings = await readStandings(
    client,
    questions.map(({ ask }) => ask),
    asked.policy,
  );
  const mails = standings.map((standing, index) => questions[index]?.answer(standing) ?? null);
  return new Map(
    chances.map(({ channel: { channelId }, below }) => {
      const ofChannel = mails.filter((_, index) => questions[index]?.channelId === channelId);
      const next = earliest(ofChannel.filter((one) => one !== null));
      return [channelId, { next, below: next === null ? (below[0] ?? null) : null }];
    }),
  );
}

async function readKnown(
  client: Client,
  asked: Asked,
  listening: readonly Listening[],
): Promise<Known[]> {
  const ids = listening.map(({ channelId }) => channelId);
  const [open, muted, waiting, outages, ceases, failing] = await Promise.all([
    readOpen(client, ids),
    readMuted(client, ids),
    readWaitingNotices(client, asked, listening),
    readOutages(client, ids),
    readCeases(client, ids),
    readFailing(client, ids, asked),
  ]);
  return listening.map((one): Known => {
    const { channelId } = one;
    const known: Known = {
      ...one,
      ends: open.filter((window) => window.channelId === channelId),
      waiting: waiting.filter((notice) => notice.channelId === channelId),
      outage: outages.get(channelId),
      ceases: ceases.get(channelId) ?? [],
      muted: muted.get(channelId),
    };
    const early = findEarly(known.ends, failing.get(channelId), asked);
    // What ends early is told whatever the threshold.
    if (early === null || judge(known, asked)(early, false).toldAs !== "ceased") return known;
    const others = known.ends.filter(({ id }) => id !== early.id);
    return { ...known, ends: inOrder([...others, early]) };
  });
}

/** Decides of one window after the other as settling will, over a copy of what is known of the outage. */
function judge(known: Known, { policy }: Asked) {
  const { channelId, approvedAt, outage, ceases, muted } = known;
  const outages = new Map(outage === undefined ? [] : [[channelId, structuredClone(outage)]]);
  return (one: SettledNotification, isBelow: boolean): Verdict & { telling: Telling } => {
    const { left, isMuted } = withoutMuted(one, muted);
    const verdict = paceNotification(outages, left, {
      approvedAt,
      hasAudience: hearing(known, one).length > 0,
      ceasedSince: ceasedSince(one, ceases, policy.windowMs),
      ...{ pausesMs: policy.reminderPausesMs, windowMs: policy.windowMs, isMuted, isBelow },
    });
    return { ...verdict, telling: outages.get(channelId)?.tellings.get(kindOf(one)) };
  };
}

type Telling = ReturnType<Outage["tellings"]["get"]>;

const wants = ({ mutedTypes }: Recipient, type: SettledNotification["type"]): boolean =>
  !mutedTypes.includes(type);

const hearing = ({ readers }: Listening, { type }: SettledNotification): readonly Recipient[] =>
  readers.filter((reader) => wants(reader, type));

/** What of the open windows is told, or the reminder that comes after those that are not; and the threshold of those below it. */
function comingOf(
  known: Known,
  asked: Asked,
  belowBy: Below,
): { coming: Coming[]; below: BelowThreshold[] } {
  const { reminderPausesMs: pausesMs, windowMs } = asked.policy;
  const decide = judge(known, asked);
  const below: BelowThreshold[] = [];
  const coming = known.ends.flatMap((one): Coming[] => {
    const threshold = belowBy.get(one.id);
    const { untold, toldAs, telling } = decide(one, threshold !== undefined);
    if (untold === "below_threshold" && threshold !== undefined) {
      below.push({ kind: threshold.kind, value: threshold.value, windowMs });
    }
    const isUrgent = toldAs === "ceased";
    const readers = hearing(known, one);
    if (toldAs !== null) {
      return [{ as: nextAs(toldAs), at: settledAt(one, asked.policy), isUrgent, readers }];
    }
    if (untold !== "reminder_pause" || telling?.lastToldAt == null) return [];
    const { toldCount, lastToldAt } = telling;
    const pauseEndsAt = pauseEnd({ toldCount, lastToldAt }, pausesMs);
    const startsAt = reminderStart(one.closedAt, pauseEndsAt, windowMs);
    const closedAt = new Date(startsAt.getTime() + windowMs);
    return [{ as: "reminder", at: settledAt({ closedAt }, asked.policy), isUrgent, readers }];
  });
  return { coming, below };
}

/** How one recipient stands, and what mail that makes of what waits for it or comes. */
type Question = {
  channelId: string;
  ask: StandingAsk;
  answer: (standing: Standing) => NextMail;
};

function questionsOf(known: Known, asked: Asked, coming: readonly Coming[]): Question[] {
  const urgent = coming.filter(({ isUrgent }) => isUrgent);
  return [
    ...known.waiting.flatMap((notice) => ofWaiting(known, asked, notice)),
    // What is urgent may come in quiet hours that hold what would be earlier.
    ...[earliest(coming), earliest(urgent)].flatMap((one) => ofComing(known, asked, one)),
  ];
}

function ofWaiting({ readers }: Known, { policy, now }: Asked, waiting: Waiting): Question[] {
  const { key, ...notice } = waiting;
  const reader = readers.find((one) => one.key === key);
  if (reader === undefined) return [];
  const answer = (standing: Standing): NextMail => {
    const at = writtenAt(notice, standing, now, policy);
    return { as: "digest", at: outsideQuiet(at, notice, reader, policy) };
  };
  return [{ channelId: notice.channelId, ask: { key, now }, answer }];
}

function ofComing({ channelId }: Known, { policy }: Asked, coming: Coming | null): Question[] {
  if (coming === null) return [];
  const { as, at, isUrgent, readers } = coming;
  const notice = { id: "", channelId, type: "error_detected" as const, createdAt: at, isUrgent };
  return readers.map((reader) => ({
    channelId,
    ask: { key: reader.key, now: at },
    answer: (standing) => {
      // The channel itself is among those that are not settled yet, and will be by then.
      const unsettledChannels = Math.max(0, standing.unsettledChannels - 1);
      const time = writtenAt(notice, { ...standing, unsettledChannels }, at, policy);
      return { as, at: outsideQuiet(time, notice, reader, policy) };
    },
  }));
}

const inOrder = (all: readonly SettledNotification[]): SettledNotification[] =>
  all.toSorted((a, b) => a.closedAt.getTime() - b.closedAt.getTime());

const earliest = <One extends { at: Date }>(all: readonly One[]): One | null =>
  all.toSorted((a, b) => a.at.getTime() - b.at.getTime())[0] ?? null;

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
async function readOpen(
  client: Client,
  channelIds: readonly string[],
): Promise<SettledNotification[]> {
  const { rows } = await client.query<SettledNotification>(
    `select gen_random_uuid()::text as id, channel_id as "channelId", type, key, opened_at as "detectedAt",
            closes_at as "closedAt", reason, detail, error_count as "errorCount", last_at as "lastAt", reasons,
            null::timestamptz as "earlySince"
       from notification_windows where channel_id = any($1) and error_count > 0
      union all
     select id::text, channel_id, type, key, detected_at, closed_at, reason, detail, error_count, last_at, reasons, early_since
       from notifications where settled_at is null and channel_id = any($1) and type = any($2::text[])
      order by "closedAt"`,
    [channelIds, [...errorMailTypes]],
  );
  return rows;
}

/**
 * The oldest notice of each reader of each channel that waits for a mail already and is not held: one has been reached, or a digest
 * gathers. Index: notices (address_key, told_at).
 */
async function readWaitingNotices(
  client: Client,
  { policy, now }: Asked,
  listening: readonly Listening[],
): Promise<Waiting[]> {
  const asked = listening.flatMap(({ channelId, readers }) =>
    readers.map((reader) => ({
      channelId,
      key: reader.key,
      isQuiet: quietEnd(reader, policy, now) !== null,
    })),
  );
  const { rows } = await client.query<Waiting>(
    `select distinct on (w.channel_id, w.address_key) w.address_key as key, w.id, w.channel_id as "channelId", n.type,
            w.created_at as "createdAt",
            n.told_as is not distinct from 'ceased' or (n.type = 'endpoint_failing' and n.key = 'suspended') as "isUrgent"
       from unnest($1::text[], $2::text[], $3::boolean[]) as a (channel_id, key, is_quiet)
       join notices w on w.told_at is null and w.address_key = a.key and w.channel_id = a.channel_id
                     and (w.look_again_at is null or not a.is_quiet)
       join notifications n on n.id = w.notification_id and n.type = any($4::text[])
      order by w.channel_id, w.address_key, w.created_at`,
    [
      asked.map(({ channelId }) => channelId),
      asked.map(({ key }) => key),
      asked.map(({ isQuiet }) => isQuiet),
      [...errorMailTypes],
    ],
  );
  return rows;
}
