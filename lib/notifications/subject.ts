import { type HeaderSafe, nameInMailsLengthMax, toHeaderSafe } from "#lib/outbox/header-safe.ts";
import { type NotificationType, notificationTypes } from "./schema.ts";

export function subjectFor(type: NotificationType, channelName: string): HeaderSafe {
  const name = toHeaderSafe(channelName, nameInMailsLengthMax);
  return `${notificationTypes[type].subject} - ${name}` as HeaderSafe;
}

export function digestSubject(channelCount: number): HeaderSafe {
  const what = channelCount === 1 ? "one channel" : `${channelCount} channels`;
  return toHeaderSafe(`Messaging API: Errors in ${what}`, 120);
}
