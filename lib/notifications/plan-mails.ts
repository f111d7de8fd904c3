import type { NotificationPolicy, NotificationType } from "./schema.ts";

/** A notice that waits to be told to one recipient. */
export type WaitingNotice = {
  id: string;
  channelId: string;
  type: NotificationType;
  createdAt: Date;
};

/** What matters of one recipient when the mails are written. */
export type RecipientStanding = {
  now: Date;
  /** Waiting notices, oldest first. */
  notices: readonly WaitingNotice[];
  /** Further channels of this recipient with errors whose window has not closed or settled yet. */
  unsettledChannels: number;
  /** Mails written to this recipient within the last hour. */
  mailsInHour: number;
  /** Single mails by channel within the last 24 h. */
  mailsInDay: ReadonlyMap<string, number>;
  lastDigestAt: Date | null;
};

/** Which notices become a mail of their own, and which one digest together. The others go on waiting. */
export type MailPlan = { single: readonly string[]; digest: readonly string[] };

/**
 * Decides how one recipient is told, so that nobody drowns: a few notices become a mail each; when many channels fail
 * together the others' windows are waited for, one window's length at most, and all become one digest; and what would
 * pass a cap gathers and becomes a digest now and then. Pure.
 */
export function planMails(standing: RecipientStanding, policy: NotificationPolicy): MailPlan {
  const tests = standing.notices.filter((notice) => notice.type === "test");
  const notices = standing.notices.filter((notice) => notice.type !== "test");
  const rest = planFailures({ ...standing, notices }, policy);
  return { ...rest, single: [...tests.map(({ id }) => id), ...rest.single] };
}

function planFailures(standing: RecipientStanding, policy: NotificationPolicy): MailPlan {
  const { notices, unsettledChannels } = standing;
  const channelCount = new Set(notices.map((notice) => notice.channelId)).size;
  if (channelCount > 0 && channelCount + unsettledChannels > policy.digestAbove) {
    if (unsettledChannels > 0 && waitedMs(standing, notices) < policy.windowMs) return nothing;
    if (channelCount > policy.digestAbove) {
      return mayDigest(standing, policy) ? { single: [], digest: idsOf(notices) } : nothing;
    }
  }
  const { within, above } = applyCaps(standing, policy);
  const isGathered = waitedMs(standing, above) >= policy.windowMs;
  const goes = above.length > 0 && isGathered && mayDigest(standing, policy);
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

const mayDigest = ({ now, lastDigestAt }: RecipientStanding, policy: NotificationPolicy): boolean =>
  lastDigestAt === null || now.getTime() - lastDigestAt.getTime() >= policy.digestPauseMs;
