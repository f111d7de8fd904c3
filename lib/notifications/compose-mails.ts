import { v7 as newId } from "uuid";
import type { LikelyCause } from "#lib/causes/schema.ts";
import { defaultLocale, isLocale } from "#lib/messages/locales.ts";
import { nameInMailsLengthMax, toHeaderSafe } from "#lib/outbox/header-safe.ts";
import { newMessageId } from "#lib/outbox/message-id.ts";
import type { NewMail } from "#lib/outbox/schema.ts";
import type { Taken } from "#lib/problems/read-taken.ts";
import { digestUnsubscribeUrl, unsubscribeUrl } from "./mail-token.ts";
import { meaningOf } from "./meaning.ts";
import { newsOf } from "./news.ts";
import type { Notice } from "./read-waiting.ts";
import {
  type ClosingOptions,
  type DigestLine,
  errorsTold,
  type NotificationContent,
} from "./schema.ts";
import { digestSubject, subjectFor } from "./subject.ts";
import { takenIn } from "./taken-in.ts";

/** A mail with the notices that it tells of. */
export type TellingMail = NewMail & { noticeIds: readonly string[] };

/** What is known of channels and errors when a mail is written. */
export type Knowledge = {
  nameOf: (channelId: string) => string;
  causeOf: (notificationId: string) => LikelyCause | null;
  isCounted: (notificationId: string) => boolean;
  taken: Taken;
};

const digestLinesMax = 50;

/** The mail of one notification to one recipient. */
export async function composeSingle(
  notice: Notice,
  known: Knowledge,
  options: ClosingOptions,
): Promise<TellingMail> {
  const { notification, channelId, key } = notice;
  const channelName = known.nameOf(channelId);
  const envelope = envelopeOf(notice, options);
  const url = unsubscribeUrl(options, { kind: "channel", channelId, address: key });
  const content = { ...lineOf(notice, known), ...readerOf(notice, options) };
  return {
    ...envelope,
    ...(await options.render(content, url)),
    kind: "notification",
    notificationId: notification.id,
    channelId,
    noticeIds: [notice.id],
    subject: subjectFor(notification.type, channelName),
    unsubscribeUrl: url,
  };
}

/** One mail for many notifications to one recipient, oldest first; at least one. */
export async function composeDigest(
  notices: readonly Notice[],
  known: Knowledge,
  options: ClosingOptions,
): Promise<TellingMail> {
  const [first] = notices;
  if (first === undefined) throw new Error("A digest needs a notice.");
  const envelope = envelopeOf(first, options);
  const channelIds = notices.map(({ channelId }) => channelId);
  const url = digestUnsubscribeUrl(options, {
    mailId: envelope.id,
    address: first.key,
    channelIds,
  });
  const urgentFirst = notices.toSorted((a, b) => Number(b.isUrgent) - Number(a.isUrgent));
  const all = urgentFirst.map((notice) => lineOf(notice, known));
  const lines = all.slice(0, digestLinesMax);
  const channelCount = new Set(notices.map(({ channelId }) => channelId)).size;
  const more = all.slice(digestLinesMax);
  const moreCount = more.length;
  // A stopped redelivery ends with an error that is counted as such already.
  const moreErrors = more.filter(({ type }) => type === "error_detected");
  const moreErrorCount = moreErrors.reduce((sum, line) => sum + errorsTold(line), 0);
  const reader = readerOf(first, options);
  return {
    ...envelope,
    ...(await options.renderDigest(
      { lines, channelCount, moreCount, moreErrorCount, ...reader },
      url,
    )),
    kind: "digest",
    notificationId: null,
    channelId: channelCount === 1 ? first.channelId : null,
    noticeIds: notices.map(({ id }) => id),
    subject: digestSubject(channelCount),
    unsubscribeUrl: url,
  };
}

type Envelope = Pick<NewMail, "id" | "address" | "locale" | "messageId" | "sealedContent" | "keep">;

function envelopeOf(notice: Notice, { messageIdDomain, keep }: ClosingOptions): Envelope {
  const id = newId();
  const { address, locale } = notice;
  const messageId = newMessageId(id, messageIdDomain);
  return { id, address, locale, keep, messageId, sealedContent: null };
}

function readerOf(
  { locale, timeZone }: Notice,
  { displayTimeZone }: ClosingOptions,
): Pick<NotificationContent, "locale" | "timeZone"> {
  return {
    locale: isLocale(locale) ? locale : defaultLocale,
    timeZone: timeZone ?? displayTimeZone,
  };
}

function lineOf(
  { notification }: Notice,
  { nameOf, causeOf, isCounted, taken }: Knowledge,
): DigestLine {
  const { id, type, channelId, reason, detail, errorCount, detectedAt, closedAt } = notification;
  const { remindsOf, heldCount, toldAs } = notification;
  return {
    ...{ type, channelId, reason, detail, errorCount, detectedAt, closedAt },
    ...meaningOf(notification),
    reminder: remindsOf === null && heldCount === 0 ? null : { since: remindsOf, heldCount },
    news: newsOf(toldAs, notification),
    channelName: toHeaderSafe(nameOf(channelId), nameInMailsLengthMax),
    likelyCause: causeOf(id),
    isCounted: isCounted(id),
    taken: takenIn(notification, taken),
  };
}
