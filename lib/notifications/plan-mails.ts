import type { NotificationPolicy, NotificationType, ToldAs } from "./schema.ts";
import { earlyWaitMs } from "./settle-wait.ts";

/** A notice that waits to be told to one recipient. */
export type WaitingNotice = {
  id: string;
  channelId: string;
  type: NotificationType;
  createdAt: Date;
  /** That nothing is delivered any more: caps and pauses stand back for it. */
  isUrgent: boolean;
  /** It waited for quiet hours to end, and they are over. */
  wasHeld?: boolean;
};

/** A hard outage has begun, or sending was suspended. */
export const isUrgent = (one: {
  type: NotificationType;
  key: string;
  toldAs: ToldAs | null;
}): boolean =>
  one.toldAs === "ceased" || (one.type === "endpoint_failing" && one.key === "suspended");

/** What matters of one recipient when the mails are written. */
export type RecipientStanding = {
  now: Date;
  /** Waiting notices, oldest first. */
  notices: readonly WaitingNotice[];
  /** Further channels of this recipient with errors whose window has not closed or settled yet. */
  unsettledChannels: number;
  /** Those of them to which deliveries ceased within the last three windows. */
  ceasingChannels: number;
  /** Mails written to this recipient within the last hour. */
  mailsInHour: number;
  /** Single mails by channel within the last 24 h. */
  mailsInDay: ReadonlyMap<string, number>;
  /** When something urgent was last told of a channel, within the last 24 h. */
  urgentToldAt: ReadonlyMap<string, Date>;
  lastDigestAt: Date | null;
};

/** Which notices become a mail of their own, and which one digest together. The others go on waiting. */
export type MailPlan = { single: readonly string[]; digest: readonly string[] };

/**
 * Decides how one recipient is told, so that nobody drowns: a few notices become a mail each; when many channels fail
 * together the others' windows are waited for, one window's length at most, and all become one digest; and what would
 * pass a cap gathers and becomes a digest now and then. What is urgent goes before all of that, see `planUrgent`. What quiet
 * hours held becomes one digest with all that waits, whatever was written before. Pure.
 */
export function planMails(standing: RecipientStanding, policy: NotificationPolicy): MailPlan {
  const tests = standing.notices.filter((notice) => notice.type === "test");
  const notices = standing.notices.filter((notice) => notice.type !== "test");
  if (notices.length > 1 && notices.some(({ wasHeld }) => wasHeld)) {
    return { single: idsOf(tests), digest: idsOf(notices) };
  }
  const urgent = planUrgent(
    { ...standing, notices: notices.filter((one) => one.isUrgent) },
    policy,
  );
  if (urgent.isDigest) return { single: idsOf(tests), digest: idsOf(notices) };
  const taken = [...urgent.single, ...urgent.waiting];
  const rest = planFailures(
    {
      ...standing,
      notices: notices.filter((notice) => !taken.includes(notice)),
      mailsInHour: standing.mailsInHour + urgent.single.length,
      mailsInDay: withMore(standing.mailsInDay, urgent.single),
    },
    policy,
  );
  return { ...rest, single: [...idsOf(tests), ...idsOf(urgent.single), ...rest.single] };
}

/** How long what is urgent waits for further channels to which deliveries are ceasing: until their windows are closed, too. */
export const urgentWaitMs = (policy: NotificationPolicy): number =>
  policy.earlyMs > 0 ? earlyWaitMs(policy) : policy.windowMs;

function withMore(
  mailsInDay: ReadonlyMap<string, number>,
  notices: readonly WaitingNotice[],
): Map<string, number> {
  const counts = new Map(mailsInDay);
  for (const { channelId } of notices) counts.set(channelId, (counts.get(channelId) ?? 0) + 1);
  return counts;
}

type UrgentPlan = { single: WaitingNotice[]; waiting: WaitingNotice[]; isDigest: boolean };

/**
 * How the beginnings of hard outages are told. Of a few channels each becomes a mail; above the channel's cap only the
 * newest, while it is news, and only when none was told within a digest's pause: a bot server may go up and down all day. Of many
 * channels, and above the recipient's cap, they become a digest with all that waits, one window after the last
 * digest instead of its pause. Those above the channel's cap stay with the others.
 */
function planUrgent(standing: RecipientStanding, policy: NotificationPolicy): UrgentPlan {
  const { notices, ceasingChannels, mailsInHour, now } = standing;
  const channelCount = new Set(notices.map((notice) => notice.channelId)).size;
  const mayGather = mayDigest(standing, policy.windowMs);
  if (channelCount > 0 && channelCount + ceasingChannels > policy.digestAbove) {
    const waits = ceasingChannels > 0 && waitedMs(standing, notices) < urgentWaitMs(policy);
    // Where windows are closed early the wait is short, so that there may be few channels yet: they are told together, too.
    const goesOn = policy.earlyMs > 0 && ceasingChannels > 0;
    if (waits || goesOn || channelCount > policy.digestAbove) {
      return { single: [], waiting: [...notices], isDigest: !waits && mayGather };
    }
  }
  const fits = notices.filter((notice) => {
    const { channelId } = notice;
    const ofChannel = notices.filter((one) => one.channelId === channelId);
    const place = ofChannel.indexOf(notice);
    if ((standing.mailsInDay.get(channelId) ?? 0) + place < policy.channelCapPerDay) return true;
    const toldAt = standing.urgentToldAt.get(channelId);
    const isRare = toldAt === undefined || now.getTime() - toldAt.getTime() >= policy.digestPauseMs;
    const isNews = waitedMs(standing, [notice]) <= policy.windowMs;
    return isRare && isNews && place === ofChannel.length - 1;
  });
  const single = fits.slice(0, Math.max(0, policy.recipientCapPerHour - mailsInHour));
  const waiting = fits.slice(single.length);
  return { single, waiting, isDigest: waiting.length > 0 && mayGather };
}

function planFailures(standing: RecipientStanding, policy: NotificationPolicy): MailPlan {
  const { notices, unsettledChannels } = standing;
  const channelCount = new Set(notices.map((notice) => notice.channelId)).size;
  const mayGather = mayDigest(standing, policy.digestPauseMs);
  if (channelCount > 0 && channelCount + unsettledChannels > policy.digestAbove) {
    if (unsettledChannels > 0 && waitedMs(standing, notices) < policy.windowMs) return nothing;
    if (channelCount > policy.digestAbove) {
      return mayGather ? { single: [], digest: idsOf(notices) } : nothing;
    }
  }
  const { within, above } = applyCaps(standing, policy);
  const isGathered = waitedMs(standing, above) >= policy.windowMs;
  const goes = above.length > 0 && isGathered && mayGather;
  return { single: idsOf(within), digest: goes ? idsOf(above) : [] };
}

function applyCaps(
  { notices, mailsInHour, mailsInDay }: RecipientStanding,
  policy: NotificationPolicy,
): { within: WaitingNotice[]; above: WaitingNotice[] } {
  const within: WaitingNotice[] = [];
  const above: WaitingNotice[] = [];
  const ofChannel = new Map(mailsInDay);
  for (const notice of notices) {
    const known = ofChannel.get(notice.channelId) ?? 0;
    const fits =
      mailsInHour + within.length < policy.recipientCapPerHour && known < policy.channelCapPerDay;
    (fits ? within : above).push(notice);
    if (fits) ofChannel.set(notice.channelId, known + 1);
  }
  return { within, above };
}

const nothing: MailPlan = { single: [], digest: [] };

const idsOf = (notices: readonly WaitingNotice[]): string[] => notices.map(({ id }) => id);

const waitedMs = ({ now }: RecipientStanding, [oldest]: readonly WaitingNotice[]): number =>
  oldest === undefined ? 0 : now.getTime() - oldest.createdAt.getTime();

const mayDigest = ({ now, lastDigestAt }: RecipientStanding, pauseMs: number): boolean =>
  lastDigestAt === null || now.getTime() - lastDigestAt.getTime() >= pauseMs;
